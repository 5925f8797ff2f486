//! Parts of the page whose code comes when they are first wanted.
//!
//! In a release these functions are split off into files of their own (feature `split`, see
//! `scripts/split.mjs`); otherwise they are part of the program and ready at once.

use leptos::prelude::*;

use crate::ui::events::EventsPanel;
use crate::ui::panels::{DistributionPanel, LatencyPanel, OutcomesPanel};
use crate::ui::session::Session;

/// The panels under the stage.
#[cfg_attr(feature = "split", lazy)]
pub async fn panels(session: Session) -> AnyView {
    view! {
        <div class="panels">
            <LatencyPanel session=session />
            <DistributionPanel session=session />
            <OutcomesPanel session=session />
            <EventsPanel session=session />
        </div>
    }
    .into_any()
}
