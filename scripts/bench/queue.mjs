// The queue model of `benches/workload.rs` in plain JavaScript, as one would tune it: typed arrays, a
// binary heap of indices, no objects. A request has six events: it arrives, reaches the balancer,
// reaches its server, is done, is back at the balancer, is back at its client.
const SERVERS = 100;
const WORKERS = 4;
const WORK_US = 10_000;
const WAY_US = 1_000;
const RATE_RPS = 36_000;
/** Requests and events that may be there at one time. */
const ROOM = 1 << 17;

const [ARRIVE, AT_BALANCER, AT_SERVER, DONE, BACK, AT_CLIENT] = [0, 1, 2, 3, 4, 5];

/** mulberry32: 32 bits of state, uniform in [0, 1). */
function uniform(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Events by their time; an event is its kind and the slot of its request. */
function makeHeap() {
  const time = new Float64Array(ROOM);
  const event = new Uint32Array(ROOM);
  let size = 0;
  return {
    first: () => time[0],
    push(at, what) {
      let place = size++;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (time[parent] <= at) break;
        time[place] = time[parent];
        event[place] = event[parent];
        place = parent;
      }
      time[place] = at;
      event[place] = what;
    },
    pop() {
      const what = event[0];
      const [at, last] = [time[--size], event[size]];
      let place = 0;
      for (let child = 1; child < size; child = 2 * place + 1) {
        if (child + 1 < size && time[child + 1] < time[child]) child++;
        if (time[child] >= at) break;
        time[place] = time[child];
        event[place] = event[child];
        place = child;
      }
      time[place] = at;
      event[place] = last;
      return what;
    },
  };
}

/** Runs until so many requests have arrived; gives the events handled and the mean response time. */
export function model(requests, seed = 7) {
  const random = uniform(seed);
  const exponential = (mean) => -Math.log(1 - random()) * mean;
  const heap = makeHeap();
  const [began, server, next] = [new Float64Array(ROOM), new Uint16Array(ROOM), new Int32Array(ROOM)];
  const free = Int32Array.from({ length: ROOM }, (_, slot) => slot);
  let frees = ROOM;
  const [inProgress, running] = [new Int32Array(SERVERS), new Int32Array(SERVERS)];
  const [head, tail] = [new Int32Array(SERVERS).fill(-1), new Int32Array(SERVERS).fill(-1)];
  let [arrived, events, answered, sum] = [0, 0, 0, 0];
  heap.push(exponential(1e6 / RATE_RPS), ARRIVE);
  while (arrived < requests) {
    const now = heap.first();
    const what = heap.pop();
    const [kind, slot] = [what & 7, what >> 3];
    events++;
    switch (kind) {
      case ARRIVE: {
        arrived++;
        const slot = free[--frees];
        began[slot] = now;
        heap.push(now + WAY_US, (slot << 3) | AT_BALANCER);
        heap.push(now + exponential(1e6 / RATE_RPS), ARRIVE);
        break;
      }
      case AT_BALANCER: {
        const a = (random() * SERVERS) | 0;
        const rest = (random() * (SERVERS - 1)) | 0;
        const b = rest >= a ? rest + 1 : rest;
        const to = inProgress[b] < inProgress[a] ? b : a;
        server[slot] = to;
        inProgress[to]++;
        heap.push(now + WAY_US, (slot << 3) | AT_SERVER);
        break;
      }
      case AT_SERVER: {
        const at = server[slot];
        if (running[at] < WORKERS) {
          running[at]++;
          heap.push(now + exponential(WORK_US), (slot << 3) | DONE);
        } else {
          next[slot] = -1;
          if (tail[at] < 0) head[at] = slot;
          else next[tail[at]] = slot;
          tail[at] = slot;
        }
        break;
      }
      case DONE: {
        const at = server[slot];
        const waiting = head[at];
        if (waiting < 0) running[at]--;
        else {
          head[at] = next[waiting];
          if (head[at] < 0) tail[at] = -1;
          heap.push(now + exponential(WORK_US), (waiting << 3) | DONE);
        }
        heap.push(now + WAY_US, (slot << 3) | BACK);
        break;
      }
      case BACK:
        inProgress[server[slot]]--;
        heap.push(now + WAY_US, (slot << 3) | AT_CLIENT);
        break;
      case AT_CLIENT:
        answered++;
        sum += now - began[slot];
        free[frees++] = slot;
        break;
    }
  }
  return { events, mean: sum / answered };
}
