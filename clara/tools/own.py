"""What Clara's own tools are called, so that no plugin's tool is taken for one of them; a test keeps the list."""

NAMES = frozenset(
    (
        # what she is made of
        *("current_time", "find_tools", "read_output", "save_note", "read_note", "list_notes", "delete_note"),
        *("remember", "recall", "forget"),
        # files, the web and the sandbox
        *("save_file", "list_files", "read_file", "send_file", "delete_file", "web_search", "fetch_page"),
        *("execute_python", "run_shell", "install_package", "copy_to_sandbox", "copy_from_sandbox"),
        *("sandbox_read_file", "sandbox_write_file", "sandbox_list_files", "sandbox_unzip"),
        # chats
        *("search_chat_history", "get_chat_history", "send_message_to_channel", "create_thread", "send_embed"),
        *("send_buttons", "edit_message", "add_reaction"),
        # plugins
        *("mcp_list", "mcp_status", "mcp_tools", "mcp_usage", "smithery_search", "mcp_install", "mcp_uninstall"),
        *("mcp_enable", "mcp_disable", "mcp_restart", "mcp_refresh"),
        *("mcp_oauth_start", "mcp_oauth_complete", "mcp_oauth_status", "mcp_oauth_set_token"),
        # schedules
        *("create_schedule", "list_schedules", "change_schedule", "delete_schedule"),
        # GitHub
        *("github_list_issues", "github_search_issues", "github_get_issue", "github_list_issue_comments"),
        *("github_create_issue", "github_update_issue", "github_add_issue_comment"),
    )
)
