//! Which texts the page's program does without: only parts say them that load on demand, and these load the whole file
//! of texts first.

/// How the keys begin of what the configuration panel, the editor, the comparison, the share dialog, the inspectors, the
/// world, the pair, the caption of a followed request and the notice of a refused command say.
const LATE: [&str; 22] = [
    "account.",
    "compare.",
    "conf.",
    "config.",
    "edit.",
    "failures.",
    "follow.",
    "glass.",
    "histogram.",
    "inside.",
    "load.",
    "pair.",
    "race.",
    "reasons.",
    "refused.",
    "rule.",
    "rule_form.",
    "rules.",
    "share.",
    "when.",
    "work.",
    "world.",
];
/// How keys end of what only the inspector of the algorithm or the comparison says.
const LATE_ENDS: [&str; 4] = [".pros", ".cons", ".choose", ".compared"];
/// Of all these the ones that the page itself says: names of buttons that open a part, and faults of typed values and
/// of links.
const AT_ONCE: [&str; 16] = [
    "config.button",
    "config.heading",
    "edit.fault.",
    "edit.open",
    "edit.title",
    "failures.open",
    "follow.next",
    "glass.open",
    "inside.look",
    "inside.open",
    "pair.word.",
    "race.open",
    "share.button",
    "share.not_opened",
    "share.paused",
    "share.title",
];

/// Whether only parts that load on demand say the text of this key.
#[must_use]
pub fn is_late(key: &str) -> bool {
    let ends = LATE_ENDS.iter().any(|end| key.ends_with(end));
    let begins = LATE.iter().any(|begin| key.starts_with(begin));
    (begins || ends) && !AT_ONCE.iter().any(|kept| key.starts_with(kept))
}
