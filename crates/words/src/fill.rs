//! Puts values into the slots of a text.

use super::{TextSlot, number};

/// The text with its slots filled. A slot without a value stays as it is written.
pub fn fill(text: &str, slots: &[(&str, TextSlot<'_>)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((slot, behind)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        rest = behind;
        let (name, forms) = match slot.split_once('|') {
            Some((name, forms)) => (name, Some(forms)),
            None => (slot, None),
        };
        let value = slots.iter().find(|(slot, _)| *slot == name);
        match (value, forms) {
            (Some((_, TextSlot::Count(count))), Some(forms)) => {
                filled.push_str(form(forms, *count));
            }
            (Some((_, TextSlot::Count(count))), None) => filled.push_str(&number::count(*count)),
            (Some((_, TextSlot::Text(text))), None) => filled.push_str(text),
            _ => {
                filled.push('{');
                filled.push_str(slot);
                filled.push('}');
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The form for a number: the first for 1, otherwise the last. English and Spanish need no more; a
/// language with other rules gets its forms here.
fn form(forms: &str, count: u64) -> &str {
    let (one, many) = forms.split_once('|').unwrap_or((forms, forms));
    if count == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_in_any_order() {
        let slots = [
            ("b", TextSlot::from("two")),
            ("a", TextSlot::from(1_318_u64)),
        ];
        assert_eq!(fill("{a}, {b}; {b}", &slots), "1,318, two; two");
    }

    #[test]
    fn forms_follow_the_number() {
        let say = |count: u64| {
            fill(
                "{n} {n|request is|requests are} in flight.",
                &[("n", TextSlot::from(count))],
            )
        };
        assert_eq!(say(0), "0 requests are in flight.");
        assert_eq!(say(1), "1 request is in flight.");
        assert_eq!(say(1_000), "1,000 requests are in flight.");
    }

    #[test]
    fn values_are_not_looked_into() {
        let slots = [("a", TextSlot::from("{b}")), ("b", TextSlot::from("no"))];
        assert_eq!(fill("{a}", &slots), "{b}");
    }

    #[test]
    fn what_is_no_slot_stays() {
        let slots = [("a", TextSlot::from("A"))];
        assert_eq!(fill("{other} { {a", &slots), "{other} { {a");
        assert_eq!(fill("{a|one|more}", &slots), "{a|one|more}");
    }
}
