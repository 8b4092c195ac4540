"""What is asked of projects by GraphQL. Values go beside a query as variables, never into it."""

_PROJECT = """
fragment Project on ProjectV2 {
  number title shortDescription url public closed updatedAt
}
"""

_FIELD = """
fragment Field on ProjectV2FieldConfiguration {
  ... on ProjectV2FieldCommon { id name dataType }
  ... on ProjectV2SingleSelectField { options { id name } }
  ... on ProjectV2IterationField { configuration { iterations { id title startDate duration } } }
}
"""

LIST_PROJECTS = (
    """
query($owner: String!, $first: Int!, $after: String) {
  repositoryOwner(login: $owner) {
    ... on ProjectV2Owner {
      projectsV2(first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
        nodes { ...Project }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
    + _PROJECT
)

PROJECT = (
    """
query($owner: String!, $number: Int!) {
  repositoryOwner(login: $owner) {
    ... on ProjectV2Owner {
      projectV2(number: $number) {
        ...Project
        id readme createdAt
        creator { login }
        items { totalCount }
        fields(first: 100) { nodes { ...Field } }
      }
    }
  }
}
"""
    + _PROJECT
    + _FIELD
)

FIELDS = (
    """
query($owner: String!, $number: Int!) {
  repositoryOwner(login: $owner) {
    ... on ProjectV2Owner {
      projectV2(number: $number) {
        id url
        fields(first: 100) { nodes { ...Field } }
      }
    }
  }
}
"""
    + _FIELD
)

ITEMS = """
query($owner: String!, $number: Int!, $first: Int!, $after: String) {
  repositoryOwner(login: $owner) {
    ... on ProjectV2Owner {
      projectV2(number: $number) {
        items(first: $first, after: $after) {
          nodes {
            id isArchived
            content {
              __typename
              ... on Issue { number title url issueState: state repository { nameWithOwner } }
              ... on PullRequest { number title url pullState: state repository { nameWithOwner } }
              ... on DraftIssue { title }
            }
            fieldValues(first: 30) {
              nodes {
                ... on ProjectV2ItemFieldValueCommon { field { ... on ProjectV2FieldCommon { name dataType } } }
                ... on ProjectV2ItemFieldTextValue { text }
                ... on ProjectV2ItemFieldNumberValue { number }
                ... on ProjectV2ItemFieldDateValue { date }
                ... on ProjectV2ItemFieldSingleSelectValue { name }
                ... on ProjectV2ItemFieldIterationValue { title }
              }
            }
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
}
"""

PROJECT_AND_CONTENT = """
query($owner: String!, $number: Int!, $repositoryOwner: String!, $repository: String!, $content: Int!) {
  repositoryOwner(login: $owner) {
    ... on ProjectV2Owner { projectV2(number: $number) { id url } }
  }
  repository(owner: $repositoryOwner, name: $repository) {
    issueOrPullRequest(number: $content) {
      ... on Issue { id }
      ... on PullRequest { id }
    }
  }
}
"""

ADD = """
mutation($input: AddProjectV2ItemByIdInput!) {
  addProjectV2ItemById(input: $input) { item { id } }
}
"""

SET = """
mutation($input: UpdateProjectV2ItemFieldValueInput!) {
  updateProjectV2ItemFieldValue(input: $input) { projectV2Item { id } }
}
"""

CLEAR = """
mutation($input: ClearProjectV2ItemFieldValueInput!) {
  clearProjectV2ItemFieldValue(input: $input) { projectV2Item { id } }
}
"""

REMOVE = """
mutation($input: DeleteProjectV2ItemInput!) {
  deleteProjectV2Item(input: $input) { deletedItemId }
}
"""
