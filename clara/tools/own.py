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
        *("github_get_me", "github_search_users", "github_search_repositories", "github_get_repository"),
        *("github_create_repository", "github_fork_repository", "github_get_file_contents"),
        *("github_create_or_update_file", "github_delete_file", "github_list_branches", "github_create_branch"),
        *("github_list_commits", "github_get_commit", "github_search_code", "github_get_repository_tree"),
        *("github_list_gists", "github_get_gist", "github_create_gist", "github_update_gist", "github_delete_gist"),
        *("github_list_releases", "github_get_latest_release", "github_list_tags", "github_list_notifications"),
        *("github_mark_notifications_read", "github_list_starred_repos", "github_star_repository"),
        "github_unstar_repository",
        *("github_list_issues", "github_search_issues", "github_get_issue", "github_list_issue_comments"),
        *("github_create_issue", "github_update_issue", "github_add_issue_comment"),
        *("github_list_pull_requests", "github_get_pull_request", "github_get_pull_request_diff"),
        *("github_list_pull_request_files", "github_create_pull_request", "github_update_pull_request"),
        *("github_merge_pull_request", "github_list_workflows", "github_list_workflow_runs", "github_get_workflow_run"),
        *("github_run_workflow", "github_cancel_workflow_run", "github_rerun_workflow"),
        *("github_list_projects", "github_get_project", "github_get_project_fields", "github_list_project_items"),
        *("github_add_item_to_project", "github_update_project_item_field", "github_remove_item_from_project"),
        # Azure DevOps
        *("ado_list_projects", "ado_list_project_teams", "ado_list_repos", "ado_get_repo"),
        *("ado_list_branches", "ado_create_branch", "ado_list_commits", "ado_get_file_contents"),
        *("ado_list_pull_requests", "ado_get_pull_request", "ado_create_pull_request", "ado_update_pull_request"),
        *("ado_list_pr_threads", "ado_create_pr_comment", "ado_list_pipelines", "ado_list_builds"),
        *("ado_get_build", "ado_get_build_logs", "ado_run_pipeline", "ado_get_pipeline_run"),
        *("ado_list_pipeline_runs", "ado_get_work_item", "ado_list_work_items", "ado_create_work_item"),
        *("ado_update_work_item", "ado_add_work_item_comment", "ado_search_work_items", "ado_my_work_items"),
        *("ado_list_wikis", "ado_get_wiki_page", "ado_create_or_update_wiki_page", "ado_list_wiki_pages"),
        *("ado_search_code", "ado_list_iterations", "ado_list_team_iterations", "ado_list_test_plans"),
        *("ado_list_test_suites",),
        # Google
        *("google_connect", "google_status", "google_disconnect"),
        *("google_calendar_list_events", "google_calendar_get_event", "google_calendar_list_calendars"),
        *("google_calendar_create_event", "google_calendar_update_event", "google_calendar_delete_event"),
        *("google_drive_list", "google_drive_get_file", "google_drive_download", "google_drive_upload"),
        *("google_drive_create_folder", "google_drive_copy", "google_drive_share", "google_drive_move"),
        *("google_drive_rename", "google_drive_delete"),
        *("google_docs_create", "google_docs_read", "google_docs_write"),
        *("google_sheets_create", "google_sheets_list", "google_sheets_read", "google_sheets_write"),
        *("google_sheets_append",),
    )
)
