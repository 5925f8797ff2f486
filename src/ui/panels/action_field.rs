//! The field that chooses the action of a rule.

use leptos::prelude::*;

use crate::scene::request_head::action;
use crate::sim::balance::l7::rules::{RouteAction, Rule, SplitWeight};
use crate::t;
use crate::ui::number::NumberField;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::words::scene_text;

/// The share of the first side of a new split, in percent: the other side is a small canary.
const FIRST_SHARE: u32 = 90;

/// The choice of an action, and the fields of a split. An action that the form cannot make (a limit, a login) can be
/// kept.
#[component]
pub fn ActionField(
    session: Session,
    /// The prefix of the element ids.
    id: String,
    /// The action that the rule had before.
    start: RouteAction,
    draft: RwSignal<Rule>,
) -> impl IntoView {
    let pools = session.read(|view| view.scenario().pool_names());
    let (actions, place) = actions(&pools, start);
    let at = RwSignal::new(place);
    let options = actions.iter().enumerate().map(|(place, (label, _))| {
        view! {
            <option value=place.to_string() prop:selected=move || at.get() == place>
                {label.clone()}
            </option>
        }
    });
    let options = options.collect_view();
    let chosen = StoredValue::new(actions);
    let choose = move |place: usize| {
        let action = chosen.with_value(|all| all.get(place).map(|(_, action)| action.clone()));
        if let Some(action) = action {
            at.set(place);
            draft.update(|rule| rule.then = action);
        }
    };
    let split = Memo::new(move |_| draft.with(|rule| sides(&rule.then).is_some()));
    let select = format!("{id}-then");
    let field = id;
    view! {
        <p class="text">
            <label for=select.clone()>{t!("rule_form.does")}</label>
            <select
                id=select
                on:change:target=move |event| {
                    choose(event.target().value().parse().unwrap_or(0));
                }
            >
                {options}
            </select>
        </p>
        <Show when=move || split.get()>
            <Split id=field.clone() pools=pools.clone() draft />
        </Show>
    }
}

/// The actions with their labels, and the index of the one that the rule had before.
fn actions(pools: &[String], start: RouteAction) -> (Vec<(String, RouteAction)>, usize) {
    let mut actions: Vec<(String, RouteAction)> = pools
        .iter()
        .map(|pool| RouteAction::Pool(pool.clone()))
        .map(|one| (action(&one), one))
        .collect();
    if let [first, second, ..] = pools {
        let old = sides(&start).map(|_| start.clone());
        let new = || split_of(first, second, FIRST_SHARE);
        actions.push((t!("rule_form.split"), old.unwrap_or_else(new)));
    }
    for one in [RouteAction::Static, RouteAction::Block] {
        actions.push((action(&one), one));
    }
    let found = actions.iter().position(|(_, one)| *one == start);
    let place = found.unwrap_or(actions.len());
    if found.is_none() {
        actions.push((action(&start), start));
    }
    (actions, place)
}

fn split_of(first: &str, second: &str, share: u32) -> RouteAction {
    let part = |pool: &str, share| SplitWeight {
        pool: pool.to_string(),
        share,
    };
    RouteAction::Split(vec![part(first, share), part(second, 100 - share)])
}

/// The two pools of a split, and the share of the first in percent; `None` if the action is no split of two.
fn sides(action: &RouteAction) -> Option<(String, String, u32)> {
    let RouteAction::Split(parts) = action else {
        return None;
    };
    let [first, second] = parts.as_slice() else {
        return None;
    };
    let sum = (first.share + second.share).max(1);
    Some((
        first.pool.clone(),
        second.pool.clone(),
        first.share * 100 / sum,
    ))
}

/// The fields of a split: two pools and a share.
#[component]
fn Split(id: String, pools: Vec<String>, draft: RwSignal<Rule>) -> impl IntoView {
    let now = Memo::new(move |_| draft.with(|rule| sides(&rule.then).unwrap_or_default()));
    let change = move |edit: &dyn Fn(&mut (String, String, u32))| {
        let mut sides = now.get_untracked();
        edit(&mut sides);
        draft.update(|rule| rule.then = split_of(&sides.0, &sides.1, sides.2));
    };
    let share = Signal::derive(move || f64::from(now.get().2));
    view! {
        <div class="conditions">
            <PoolChoice id=format!("{id}-first") label=t!("rule_form.first") pools=pools.clone()
                chosen=Signal::derive(move || now.get().0)
                set=move |pool: String| change(&|sides| sides.0.clone_from(&pool)) />
            <PoolChoice id=format!("{id}-second") label=t!("rule_form.second") pools=pools
                chosen=Signal::derive(move || now.get().1)
                set=move |pool: String| change(&|sides| sides.1.clone_from(&pool)) />
            <NumberField id=format!("{id}-share") label=t!("rules.share") labelled=true min=0.0 max=100.0
                value=share set=move |typed: f64| change(&|sides| sides.2 = typed as u32) />
        </div>
    }
}

#[component]
fn PoolChoice(
    id: String,
    label: String,
    pools: Vec<String>,
    #[prop(into)] chosen: Signal<String>,
    #[prop(into)] set: Callback<String>,
) -> impl IntoView {
    let options = pools.into_iter().map(|pool| {
        let (name, own) = (scene_text(&pool), pool.clone());
        view! {
            <option value=pool prop:selected=move || chosen.with(|chosen| *chosen == own)>
                {name}
            </option>
        }
    });
    view! {
        <p class="text">
            <label for=id.clone()>{label}</label>
            <select id=id on:change:target=move |event| set.run(event.target().value())>
                {options.collect_view()}
            </select>
        </p>
    }
}
