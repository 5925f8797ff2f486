//! Why a command was refused, in words. A part of the page that says it loads every text first.

use evenkeel_sim::engine::command::{CommandError, LimitedItem, Parameter, SceneItem};
use evenkeel_words::t;

use super::words::{algorithm, implementation};

/// The reason why a command was refused, as a sentence.
#[must_use]
pub fn refusal(error: CommandError) -> String {
    match error {
        CommandError::UnknownServer(_) => t!("refused.unknown_server"),
        CommandError::OutOfRange { what, min, max } => {
            let what = match what {
                Parameter::Factor => t!("refused.what.factor"),
                Parameter::Share => t!("refused.what.share"),
                Parameter::Weight => t!("refused.what.weight"),
                Parameter::Rate => t!("refused.what.rate"),
                Parameter::Ttl => t!("refused.what.ttl"),
                Parameter::LimitRate => t!("refused.what.limit_rate"),
                Parameter::Burst => t!("refused.what.burst"),
                Parameter::Split => t!("refused.what.split"),
                Parameter::Cores => t!("refused.what.cores"),
                Parameter::Kept => t!("refused.what.kept"),
                Parameter::Priority => t!("refused.what.priority"),
                Parameter::Advert => t!("refused.what.advert"),
            };
            t!("refused.range", what = what, min = min, max = max)
        }
        CommandError::Limit { what, max } => match what {
            LimitedItem::Servers => t!("refused.limit.servers", max = max),
            LimitedItem::Commands => t!("refused.limit.commands", max = max),
            LimitedItem::Rules => t!("refused.limit.rules", max = max),
        },
        CommandError::ClosedLoop => t!("refused.closed_loop"),
        CommandError::NotInScene(what) => match what {
            SceneItem::Balancer => t!("refused.missing.balancer"),
            SceneItem::Site => t!("refused.missing.site"),
            SceneItem::Link => t!("refused.missing.link"),
            SceneItem::World => t!("refused.missing.world"),
            SceneItem::Names => t!("refused.missing.names"),
            SceneItem::Pool => t!("refused.missing.pool"),
            SceneItem::Processor => t!("refused.missing.processor"),
        },
        CommandError::UnknownRule(place) => t!("refused.unknown_rule", number = place + 1),
        CommandError::LimitsNothing(place) => t!("refused.limits_nothing", number = place + 1),
        CommandError::IsNoSplit(place) => t!("refused.no_split", number = place + 1),
        CommandError::BadRule(fault) => t!(
            "refused.bad_rule",
            place = fault.place,
            reason = fault.reason
        ),
        CommandError::NoSuchForm(idea, engine) => t!(
            "refused.no_form",
            engine = implementation(engine),
            algorithm = algorithm(idea.row())
        ),
    }
}
