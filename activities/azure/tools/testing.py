"""Test plans and the suites in them."""

from typing import Any

from pydantic import Field

from activities.azure import markdown
from activities.azure.arguments import InProject, Number, Token
from activities.azure.asking import Asking
from activities.azure.markdown import facts, link
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.provenance import Provenance

KINDS = {"staticTestSuite": "static", "dynamicTestSuite": "by query", "requirementTestSuite": "by requirement"}


class ListPlans(InProject):
    active: bool = Field(True, description="only those that are not over")
    after: Token = Field("", description="the token that the page before gave, for the next page")


class ListSuites(InProject):
    plan: Number
    after: Token = Field("", description="the token that the page before gave, for the next page")


class _Tests:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def plans(self, asked: ListPlans, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        query = {
            "includePlanDetails": True,
            "filterActivePlans": asked.active or None,
            "continuationToken": asked.after or None,
        }
        answer = await place.read("_apis/testplan/plans", query=query)
        lines = [
            f"- {each['id']}: {link(each['name'], place.link('_testPlans', 'define', planId=each['id']))}"
            + facts(
                markdown.line(each.get("state")),
                markdown.line(each.get("iteration")),
                f"owner {markdown.person(each.get('owner'))}" if each.get("owner") else "",
                f"root suite {(each.get('rootSuite') or {}).get('id', '')}" if each.get("rootSuite") else "",
            )
            for each in answer.listed
        ]
        return markdown.listed(f"the test plans of {place.project}", lines, markdown.continued(answer.after))

    async def suites(self, asked: ListSuites, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        query = {"continuationToken": asked.after or None}
        answer = await place.read("_apis/testplan/Plans", asked.plan, "suites", query=query)
        lines = []
        for each in answer.listed:
            address = place.link("_testPlans", "define", planId=asked.plan, suiteId=each["id"])
            above = each.get("parentSuite")
            lines.append(
                f"- {each['id']}: {link(each['name'], address)}"
                + facts(
                    KINDS.get(str(each.get("suiteType")), ""),
                    f"below {above['id']}" if above else "the root",
                    f"requirement #{each['requirementId']}" if each.get("requirementId") else "",
                )
            )
        where = f"test plan {asked.plan} of {place.project}"
        return markdown.listed(where, lines, markdown.continued(answer.after))


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    tests = _Tests(ask)
    return (
        Tool(
            "ado_list_test_plans", "List the test plans of an Azure DevOps project.", ListPlans, tests.plans,
            provenance=Provenance.OTHERS, view=lambda asked: f"the test plans of {asked.where}",
        ),
        Tool(
            "ado_list_test_suites", "List the suites of a test plan of Azure DevOps.", ListSuites, tests.suites,
            provenance=Provenance.OTHERS, view=lambda asked: f"test plan {asked.plan} of {asked.where}",
        ),
    )  # fmt: skip
