//! The state of the editor: the draft, its faults, and the page that is shown.

use std::cell::RefCell;
use std::collections::BTreeSet;

use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::edit::check::check;
use crate::edit::json_path::{JsonPath, PathSegment};
use crate::edit::scene_draft::SceneDraft;
use crate::edit::schema::SchemaDoc;
use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::validate::{ValidationError, parse};
use crate::t;
use crate::ui::session::Session;

/// The element id of the page that is shown. It gets the focus when the focused element is gone.
pub const PAGE: &str = "edit-page";

/// A draft that is kept after its dialog was closed.
struct LeftDraft {
    draft: SceneDraft,
    begun: Value,
    run: u32,
}

thread_local! {
    static LEFT: RefCell<Option<LeftDraft>> = const { RefCell::new(None) };
}

/// The state of the editor; copied freely.
#[derive(Clone, Copy)]
pub struct EditorState {
    /// The schema that the fields come from.
    pub schema_doc: &'static SchemaDoc,
    session: Session,
    dialog: NodeRef<html::Dialog>,
    /// The scene as it is edited now.
    pub draft: RwSignal<SceneDraft>,
    /// The faults of the draft.
    pub faults: RwSignal<Vec<ValidationError>>,
    /// The index of the page in [`SchemaDoc::parts`]; one more is the page of files.
    pub part: RwSignal<usize>,
    /// Changes when the page must be rendered again.
    pub shape: RwSignal<u32>,
    /// The last change, announced to screen readers.
    pub said: RwSignal<String>,
    begun: StoredValue<Value>,
    opened: StoredValue<BTreeSet<String>>,
    typing: StoredValue<bool>,
}

impl EditorState {
    /// The state with the draft that was left, or with the running scene.
    pub fn new(
        schema_doc: &'static SchemaDoc,
        session: Session,
        dialog: NodeRef<html::Dialog>,
    ) -> Self {
        let run = session.run().get_untracked();
        let scene = running(session);
        let (draft, begun) = match LEFT.take() {
            Some(left) if left.run == run && *left.draft.scene() != left.begun => {
                (left.draft, left.begun)
            }
            // What was there before can be had back by undoing.
            Some(mut left) => {
                left.draft.replace(scene.clone());
                (left.draft, scene)
            }
            None => (SceneDraft::new(scene.clone()), scene),
        };
        let state = Self {
            schema_doc,
            session,
            dialog,
            draft: RwSignal::new(draft),
            faults: RwSignal::new(Vec::new()),
            part: RwSignal::new(0),
            shape: RwSignal::new(0),
            said: RwSignal::new(String::new()),
            begun: StoredValue::new(begun),
            opened: StoredValue::new(BTreeSet::new()),
            typing: StoredValue::new(false),
        };
        state.check();
        on_cleanup(move || {
            let left = LeftDraft {
                draft: state.draft.get_untracked(),
                begun: state.begun.get_value(),
                run: session.run().get_untracked(),
            };
            LEFT.set(Some(left));
        });
        state
    }

    /// The value at a path.
    pub fn value(self, place: &JsonPath) -> Value {
        let value = |draft: &SceneDraft| place.get(draft.scene()).cloned();
        self.draft.with_untracked(value).unwrap_or_default()
    }

    /// Sets the value at a path. The page is not rendered again.
    pub fn set(self, place: &JsonPath, value: Value) {
        self.typing.set_value(false);
        let mut changed = false;
        self.draft.update(|draft| changed = draft.set(place, value));
        if changed {
            self.check();
        }
    }

    /// Changes the draft and renders the page again; then the element with the id `focus` gets the focus.
    pub fn reshape(self, focus: Option<String>, act: impl FnOnce(&mut SceneDraft)) {
        self.typing.set_value(false);
        self.draft.update(act);
        self.check();
        self.draw(focus);
    }

    /// Replaces the draft by another scene. The step can be undone.
    pub fn take(self, scene: Value) {
        self.reshape(None, |draft| {
            draft.replace(scene);
        });
    }

    /// Replaces the draft by the scene as it runs now.
    pub fn take_running(self) {
        let scene = running(self.session);
        self.begun.set_value(scene.clone());
        self.take(scene);
        self.said.set(t!("edit.began"));
    }

    /// Undoes one step if `back`, else redoes one.
    pub fn step(self, back: bool) {
        let focus = document().active_element().map(|element| element.id());
        self.reshape(focus, |draft| {
            if back {
                draft.undo();
            } else {
                draft.redo();
            }
        });
        self.said.set(if back {
            t!("edit.undone")
        } else {
            t!("edit.redone")
        });
    }

    /// Notes that the reader types something that is not yet in the draft.
    pub fn types(self) {
        self.typing.set_value(true);
    }

    /// Whether the reader types something that is not yet in the draft.
    pub fn is_typing(self) -> bool {
        self.typing.get_value()
    }

    fn check(self) {
        let faults = self.draft.with_untracked(|draft| {
            let faults = check(self.schema_doc, draft.scene());
            if faults.is_empty() {
                parse(&draft.scene().to_string())
                    .err()
                    .map_or(faults, |error| error.0)
            } else {
                faults
            }
        });
        self.faults.set(faults);
    }

    fn draw(self, focus: Option<String>) {
        self.shape.update(|shape| *shape += 1);
        request_animation_frame(move || {
            let focus = focus.filter(|id| !id.is_empty());
            let found = focus.is_some_and(|id| focus_on(&id));
            let still = document()
                .active_element()
                .is_some_and(|it| it.closest(".edit-keys").is_ok_and(|it| it.is_some()));
            if !found && !still {
                focus_on(PAGE);
            }
        });
    }

    /// The fault at exactly this path; empty if there is none.
    pub fn wrong_at(self, place: &str) -> String {
        self.faults.with(|faults| {
            let here = faults.iter().filter(|fault| fault.place == place);
            let reasons: Vec<&str> = here.map(|fault| fault.reason.as_str()).collect();
            reasons.join(" ")
        })
    }

    /// Whether there is a fault at a path or below it.
    pub fn is_wrong_below(self, place: &JsonPath) -> bool {
        self.faults
            .with(|faults| faults.iter().any(|fault| place.holds(&fault.place)))
    }

    /// The number of faults on a page.
    pub fn wrong_on(self, part: usize) -> usize {
        let fields = self
            .schema_doc
            .parts()
            .get(part)
            .map_or(&[][..], |part| &part.fields);
        let places: Vec<JsonPath> = fields.iter().map(|field| JsonPath::of(field)).collect();
        self.faults.with(|faults| {
            let here =
                |fault: &&ValidationError| places.iter().any(|place| place.holds(&fault.place));
            faults.iter().filter(here).count()
        })
    }

    /// Whether an entry of a list is open.
    pub fn is_open(self, place: &JsonPath) -> bool {
        self.opened
            .with_value(|opened| opened.contains(&place.to_string()))
    }

    /// Remembers whether an entry of a list is open.
    pub fn keep_open(self, place: &JsonPath, open: bool) {
        self.opened.update_value(|opened| {
            if open {
                opened.insert(place.to_string());
            } else {
                opened.remove(&place.to_string());
            }
        });
    }

    /// Shows the field of a fault: its page, its list entry, its control.
    pub fn go(self, place: &str) {
        let mut parts = self.schema_doc.parts().iter();
        let holds = |field: &String| JsonPath::of(field).holds(place);
        if let Some(part) = parts.position(|part| part.fields.iter().any(holds)) {
            self.part.set(part);
        }
        for (at, _) in place.match_indices(']') {
            self.opened.update_value(|opened| {
                opened.insert(place[..=at].to_owned());
            });
        }
        self.draw(None);
        let place = place.to_owned();
        request_animation_frame(move || {
            let mut rest = place.as_str();
            while !focus_on(&id_of(rest)) {
                let Some(end) = rest.rfind(['.', '[']) else {
                    break;
                };
                rest = &rest[..end];
            }
        });
    }

    /// The draft as a scene; `None` if it has faults.
    pub fn scene(self) -> Option<Scenario> {
        self.draft
            .with_untracked(|draft| parse(&draft.scene().to_string()).ok())
    }

    /// Restarts the scene with the draft, and closes the dialog. If the draft has faults, only a message says so.
    pub fn apply(self) {
        let faults = self.faults.with_untracked(Vec::len);
        let Some(scene) = self.scene().filter(|_| faults == 0) else {
            focus_on("edit-faults");
            return;
        };
        self.begun
            .set_value(self.draft.with_untracked(|draft| draft.scene().clone()));
        self.session.open(&Run::start(scene));
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }
}

/// The running scene as JSON.
fn running(session: Session) -> Value {
    serde_json::to_value(session.scene()).unwrap_or_default()
}

/// The element id of the control for a path.
pub fn id_of(place: &str) -> String {
    let safe = |c: char| if c.is_whitespace() { '_' } else { c };
    let place: String = place.chars().map(safe).collect();
    format!("edit-{place}")
}

/// Focuses the element with this id; false if there is none.
pub fn focus_on(id: &str) -> bool {
    let element = document().get_element_by_id(id);
    let element = element.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}

/// The path of the list that an entry is in.
pub fn parent(place: &JsonPath) -> JsonPath {
    let steps: &[PathSegment] = place.0.split_last().map_or(&[], |(_, rest)| rest);
    JsonPath(steps.to_vec())
}
