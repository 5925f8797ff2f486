//! Builds the page in pieces, each in a task of its own, so that the opening pictures go on between them and a slow
//! phone never stands still for long. The page is shown when all pieces are built.

use std::time::Duration;

use leptos::prelude::*;

/// The function that is called when all pieces are built.
type Then = Box<dyn FnOnce()>;

/// The pieces that are not built yet.
#[derive(Clone, Copy)]
pub struct Staging {
    left: StoredValue<usize>,
    /// `None` once the function was called. From then on pieces are built at once.
    then: StoredValue<Option<Then>, LocalStorage>,
}

impl Staging {
    /// From now on each [`Staged`] waits for a task of its own. When all are built, `then` is called.
    pub fn begin(then: impl FnOnce() + 'static) {
        provide_context(Self {
            left: StoredValue::new(0),
            then: StoredValue::new_local(Some(Box::new(then))),
        });
    }

    /// The staging in progress; `None` if pieces are built at once.
    fn under_way() -> Option<Self> {
        let staging = use_context::<Self>()?;
        let waits = staging.then.with_value(Option::is_some);
        waits.then_some(staging)
    }

    fn begun(self) {
        self.left.update_value(|left| *left += 1);
    }

    fn built(self) {
        self.left.update_value(|left| *left -= 1);
        if self.left.get_value() > 0 {
            return;
        }
        in_next_task(move || {
            if let Some(then) = self.then.try_update_value(Option::take).flatten() {
                then();
            }
        });
    }
}

fn in_next_task(act: impl FnOnce() + 'static) {
    set_timeout(act, Duration::ZERO);
}

/// A piece of the page that is built in a task of its own.
#[component]
pub fn Staged(children: ChildrenFn) -> impl IntoView {
    let Some(staging) = Staging::under_way() else {
        return children();
    };
    let turn = RwSignal::new(false);
    staging.begun();
    in_next_task(move || turn.set(true));
    let piece = move || {
        turn.get().then(|| {
            let view = children();
            staging.built();
            view
        })
    };
    piece.into_any()
}
