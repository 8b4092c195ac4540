"""Commands of the operator's own, on this machine: nobody else's words ever become one."""
