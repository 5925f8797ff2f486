//! The form of a rule: its conditions, and its action.

use leptos::ev;
use leptos::prelude::*;

use super::action_field::ActionField;
use crate::scene::refusal::refusal;
use crate::sim::balance::l7::rules::{HeaderMatch, RouteMatch, Rule};
use crate::sim::engine::command::Command;
use crate::sim::engine::frontend::FrontendCommand;
use crate::t;
use crate::ui::session::Session;

/// The most characters in a field, the limit of the scene format.
const MAX_CHARACTERS: &str = "200";

/// The form. It shows a refusal, and stays open then.
#[component]
pub fn RuleForm(
    session: Session,
    /// The prefix of the element ids.
    id: String,
    /// The rule to start from.
    start: Rule,
    /// The label of the button that applies the rule.
    accept: String,
    /// Makes the command that applies the rule.
    #[prop(into)]
    make: Callback<Rule, FrontendCommand>,
    /// Called when the rule was applied or the form was cancelled.
    #[prop(into)]
    done: Callback<()>,
) -> impl IntoView {
    let draft = RwSignal::new(start.clone());
    let wrong = RwSignal::new(None::<String>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let command = make.run(draft.get_untracked());
        match session.send(Command::Frontend(command)) {
            Ok(()) => done.run(()),
            Err(error) => {
                session.forget_refusal();
                wrong.set(Some(refusal(error)));
            }
        }
    };
    let close = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            done.run(());
        }
    };
    view! {
        <form class="rule-form" on:submit=submit on:keydown=close>
            <fieldset>
                <legend>{t!("rule_form.when")}</legend>
                <p class="hint">{t!("rule_form.empty")}</p>
                <Conditions id=id.clone() when=start.when draft />
            </fieldset>
            <fieldset>
                <legend>{t!("rule_form.then")}</legend>
                <ActionField session id=id start=start.then draft />
            </fieldset>
            <p class="refusal" role="alert">
                {wrong}
            </p>
            <div class="acts">
                <button type="submit" class="button">
                    {accept}
                </button>
                <button type="button" class="button" on:click=move |_| done.run(())>
                    {t!("rule_form.cancel")}
                </button>
            </div>
        </form>
    }
}

/// The conditions. An empty field sets no condition.
#[component]
fn Conditions(id: String, when: RouteMatch, draft: RwSignal<Rule>) -> impl IntoView {
    let change = move |part: fn(&mut RouteMatch, Option<String>)| {
        Callback::new(move |text: String| {
            let text = Some(text).filter(|text| !text.is_empty());
            draft.update(|rule| part(&mut rule.when, text));
        })
    };
    let field = |name: &str| format!("{id}-{name}");
    let name_of = |pair: &Option<HeaderMatch>| pair.as_ref().map(|pair| pair.name.clone());
    let value_of = |pair: &Option<HeaderMatch>| pair.as_ref().and_then(|pair| pair.value.clone());
    view! {
        <div class="conditions">
            <Text id=field("path") label=t!("rule_form.path") value=when.path.clone()
                set=change(|when, text| when.path = text) />
            <Text id=field("host") label=t!("rule_form.host") value=when.host.clone()
                set=change(|when, text| when.host = text) />
            <Text id=field("header") label=t!("rule_form.header") value=name_of(&when.header)
                set=change(|when, text| when.header = named(when.header.take(), text)) />
            <Text id=field("header-value") label=t!("rule_form.header_value") value=value_of(&when.header)
                set=change(|when, text| when.header = valued(when.header.take(), text)) />
            <Text id=field("cookie") label=t!("rule_form.cookie") value=name_of(&when.cookie)
                set=change(|when, text| when.cookie = named(when.cookie.take(), text)) />
            <Text id=field("cookie-value") label=t!("rule_form.cookie_value") value=value_of(&when.cookie)
                set=change(|when, text| when.cookie = valued(when.cookie.take(), text)) />
        </div>
    }
}

fn pair(name: String, value: Option<String>) -> Option<HeaderMatch> {
    (!name.is_empty() || value.is_some()).then_some(HeaderMatch { name, value })
}

fn named(old: Option<HeaderMatch>, name: Option<String>) -> Option<HeaderMatch> {
    pair(name.unwrap_or_default(), old.and_then(|old| old.value))
}

/// A value without a name is kept, so that the form can report that the name is missing.
fn valued(old: Option<HeaderMatch>, value: Option<String>) -> Option<HeaderMatch> {
    pair(old.map(|old| old.name).unwrap_or_default(), value)
}

#[component]
fn Text(
    id: String,
    label: String,
    value: Option<String>,
    #[prop(into)] set: Callback<String>,
) -> impl IntoView {
    view! {
        <p class="text">
            <label for=id.clone()>{label}</label>
            <input
                type="text"
                id=id
                maxlength=MAX_CHARACTERS
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                prop:value=value.unwrap_or_default()
                on:input:target=move |event| set.run(event.target().value())
            />
        </p>
    }
}
