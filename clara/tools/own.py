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
        # GitHub
        *("github_list_issues", "github_search_issues", "github_get_issue", "github_list_issue_comments"),
        *("github_create_issue", "github_update_issue", "github_add_issue_comment"),
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
