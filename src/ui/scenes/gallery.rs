//! All scenes in a dialog: a picture of each, its name, what to watch and what to try.

use leptos::html;
use leptos::prelude::*;

use super::{GROUPS, SceneOpener, group_name, scene_watch};
use crate::sim::scenario::preset::SCENES;
use crate::t;
use crate::ui::dialog::Sheet;
use crate::ui::lazy;
use crate::words::scene_text;

/// The button in the header that opens the gallery.
#[component]
pub fn GalleryButton(opener: SceneOpener) -> impl IntoView {
    view! {
        <Sheet
            button=t!("scenes.open")
            title=t!("scenes.open")
            id="scenes-name"
            class="presets scenes"
            inside=move |dialog| Suspend::new(lazy::scenes(opener, dialog)).into_any()
        />
    }
}

/// The scenes, group by group. The build writes the pictures.
#[component]
pub fn Gallery(opener: SceneOpener, dialog: NodeRef<html::Dialog>) -> impl IntoView {
    let scene = move |(place, (file, name)): (usize, &(&'static str, &'static str))| {
        let choose = move |_| {
            if let Some(dialog) = dialog.get_untracked() {
                dialog.close();
            }
            opener.open(place);
        };
        // The page as one file has no pictures.
        let gone = RwSignal::new(false);
        view! {
            <li>
                <button type="button" on:click=choose>
                    <img src=format!("scenarios/{file}.svg") alt="" width="240" height="140" loading="lazy" hidden=gone on:error=move |_| gone.set(true) />
                    <strong>{scene_text(name)}</strong>
                    <span>{scene_watch(name)}</span>
                </button>
            </li>
        }
    };
    let mut scenes = SCENES.iter().enumerate();
    let groups = GROUPS.iter().enumerate().map(|(group, count)| {
        let entries = scenes.by_ref().take(*count).map(scene).collect_view();
        view! {
            <h3>{group_name(group)}</h3>
            <ul>{entries}</ul>
        }
    });
    groups.collect_view()
}
