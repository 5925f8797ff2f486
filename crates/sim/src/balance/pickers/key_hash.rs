//! A hash of the key over the slots: nginx's `hash KEY`.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_hash_module.c,
//! `ngx_http_upstream_get_hash_peer`. Step i adds `(crc32(i KEY) >> 16) & 0x7fff` to the hash, where
//! step 0 has no number before the key; the hash modulo the total configured weight names the
//! endpoint. One that cannot be used keeps its slots and the next step is taken. More than twenty
//! misses, or an empty key: round robin.

use super::slot_walk::SlotWalk;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{AttemptEnd, KeyText, Pick, PickContext, Picker};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::hash::CRC32;
use crate::time::SimTime;

/// The picker of nginx's `hash KEY`.
#[derive(Clone, Debug, Default)]
pub struct KeyHash {
    walk: SlotWalk,
}

/// What step `step` adds to the hash of `key`.
fn addend(step: u32, key: &[u8]) -> u32 {
    let mut crc = CRC32.digest();
    if step > 0 {
        crc.update(KeyText::of(format_args!("{step}")).as_bytes());
    }
    crc.update(key);
    (crc.finalize() >> 16) & 0x7FFF
}

impl Picker for KeyHash {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let address;
        let mut key = cx.key.text;
        if key.is_empty() {
            address = cx.key.address_text();
            key = address.as_bytes();
        }
        let (mut hash, mut step) = (0_u32, 0_u32);
        self.walk.pick(cx, || {
            hash = hash.wrapping_add(addend(step, key));
            step += 1;
            (!key.is_empty()).then_some(hash)
        })
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.walk.sync(now, endpoints, usable);
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        self.walk.on_finished(slot, endpoints, end);
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::Table(self.walk.table())
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
