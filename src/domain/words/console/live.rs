//! The words of saved views, drafts, and what happens on a page meanwhile.

messages! {
    views();
    views_about();
    views_empty();
    views_empty_about();
    whole_list();
    save_view();
    manage_views();
    view_name();
    view_share();
    view_pin();
    view_pinned();
    view_shared();
    view_opens();
    view_open_with();
    view_open_without();
    view_delete();
    view_taken();
    flash_view_saved();
    flash_view_deleted();
    draft_restored();
    draft_without_form();
    draft_discard();
    flash_draft_discarded();
    live_new(count);
    live_show();
    live_changed();
    live_changed_before();
    live_changed_by(name);
    live_changed_by_before(name);
    live_looking(names);
    live_writing(names);
}
