//! One saved scene in the list: open, rename, delete, each with its question.

use leptos::prelude::*;

use super::saved_scene_list::{NameInput, SavedSceneList, SavedSceneQuestion};
use super::state::{EditorState, focus_on};
use crate::edit::saved_scenes::tidy_name;
use crate::t;

/// The row of one saved scene.
pub fn row(state: EditorState, saved: SavedSceneList, name: &str) -> AnyView {
    let name = name.to_owned();
    let shown = name.clone();
    let asks = {
        let name = name.clone();
        move || match saved.ask.get() {
            Some(SavedSceneQuestion::Forget(asked)) if asked == name => {
                let name = name.clone();
                Some(question(
                    saved,
                    t!("edit.kept.forget", name = &name),
                    t!("edit.kept.forget_yes"),
                    move || {
                        saved.change(t!("edit.kept.forgotten", name = &name), |kept| {
                            kept.remove(&name);
                        });
                    },
                ))
            }
            Some(SavedSceneQuestion::Rename(asked)) if asked == name => {
                Some(renaming(saved, &name))
            }
            _ => None,
        }
    };
    let open = {
        let name = name.clone();
        move |_| {
            let scene = saved.kept.with_untracked(|kept| kept.get(&name).cloned());
            if let Some(scene) = scene {
                state.take(scene);
                state.said.set(t!("edit.kept.opened", name = &name));
            }
        }
    };
    let asking = |ask: fn(String) -> SavedSceneQuestion, focus: &'static str| {
        let name = name.clone();
        move |_| {
            saved.ask.set(Some(ask(name.clone())));
            request_animation_frame(move || {
                focus_on(focus);
            });
        }
    };
    let rename = asking(SavedSceneQuestion::Rename, "edit-kept-new");
    let forget = asking(SavedSceneQuestion::Forget, "edit-kept-yes");
    let button = |text: String| {
        let name = name.clone();
        view! {
            {text}
            <span class="unseen">": " {name}</span>
        }
    };
    view! {
        <li class="edit-row">
            <b>{shown}</b>
            <span class="edit-tools">
                <button type="button" class="button" on:click=open>
                    {button(t!("edit.kept.open"))}
                </button>
                <button type="button" class="button" on:click=rename>
                    {button(t!("edit.kept.rename"))}
                </button>
                <button type="button" class="button" on:click=forget>
                    {button(t!("edit.kept.delete"))}
                </button>
            </span>
            {asks}
        </li>
    }
    .into_any()
}

/// A question with a button for yes and one for no.
pub fn question(
    saved: SavedSceneList,
    text: String,
    yes: String,
    act: impl Fn() + 'static,
) -> AnyView {
    let act = StoredValue::new_local(act);
    let name = text.clone();
    view! {
        <div class="edit-ask" role="group" aria-label=name>
            <p>{text}</p>
            <button
                type="button"
                class="button"
                id="edit-kept-yes"
                on:click=move |_| act.with_value(|act| act())
            >
                {yes}
            </button>
            <button type="button" class="button" on:click=move |_| saved.ask.set(None)>
                {t!("edit.kept.no")}
            </button>
        </div>
    }
    .into_any()
}

/// The form that renames a saved scene.
fn renaming(saved: SavedSceneList, old: &str) -> AnyView {
    let (old, begun) = (old.to_owned(), old.to_owned());
    let name = RwSignal::new(begun);
    let rename = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(new) = tidy_name(&name.get_untracked()) else {
            return saved.said.set(t!("edit.kept.nameless"));
        };
        let taken = saved
            .kept
            .with_untracked(|kept| new != old && kept.get(&new).is_some());
        if taken {
            return saved.said.set(t!("edit.kept.taken", name = new));
        }
        saved.change(t!("edit.kept.renamed", name = &new), |kept| {
            kept.rename(&old, &new);
        });
    };
    view! {
        <form class="edit-ask" on:submit=rename>
            <label>
                {t!("edit.kept.new_name")} " "
                <NameInput name id="edit-kept-new" />
            </label>
            <button type="submit" class="button">
                {t!("edit.kept.rename")}
            </button>
            <button type="button" class="button" on:click=move |_| saved.ask.set(None)>
                {t!("edit.kept.no")}
            </button>
        </form>
    }
    .into_any()
}
