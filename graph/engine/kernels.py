"""The kernels: loops over the columns of an index, compiled by numba (see `compiled`).

No kernel touches a Python object, and all release the interpreter's lock. Nodes and arcs are unsigned 32-bit numbers.
A workspace belongs to one thread at a time; what it holds counts only where it bears the stamp of the present run, so
that nothing is cleared between two runs. A kernel that runs out of workspace returns FULL and is run again with more.

The cost of a path is one number: its tiers, and below them its confidence as a sum of logarithms (`costs.cost`), so
that the order of costs is the order of paths: fewest tiers first, then the highest confidence.
"""

from __future__ import annotations

import numpy as np

from opentier.graph.engine.arrays import (
    BITS,
    FIRST,
    FOLLOWS,
    FULL,
    NONE,
    NOT_ASKED,
    NOTHING,
    NOWHERE,
    OPEN,
    PRODUCT,
    UNKNOWN,
)
from opentier.graph.engine.compiled import kernel
from opentier.graph.engine.hops import OWNERSHIP_DOWN, OWNERSHIP_UP, START, SUPPLY

# --- Arcs and products -------------------------------------------------------------------------------------------


@kernel
def passes(arcs, keep, a):  # type: ignore[no-untyped-def]
    """Return whether an arc may be walked, whatever the walk."""
    if keep.some_time and (arcs.start[a] > keep.until or arcs.end[a] < keep.since):
        return False
    if keep.some_confidences and keep.confidences[arcs.confidence[a]] == 0:
        return False
    if keep.some_datasets and keep.datasets[arcs.dataset[a]] == 0:
        return False
    if keep.some_hops:
        hop = arcs.hop[a]
        if keep.hops[hop] == 0:
            return False
        if hop in (OWNERSHIP_UP, OWNERSHIP_DOWN):
            return arcs.share[a] >= keep.share
        if hop != SUPPLY:
            return True
    if keep.some_observed and arcs.observed[a] < keep.observed:
        return False
    return not (keep.some_places and keep.places[keep.place[arcs.head[a]]] == 0)


@kernel
def nested(low, high, other_low, other_high):  # type: ignore[no-untyped-def]
    """Return whether one of two ranges of codes holds the other: whether the products match."""
    return (low <= other_low and other_high <= high) or (other_low <= low and high <= other_high)


@kernel
def goes_into(goods, product, made, into):  # type: ignore[no-untyped-def]
    """Return whether a product, or what its link says it is made for, goes into another."""
    word, bit = into >> np.uint32(6), np.uint64(1) << np.uint64(into & np.uint32(63))
    row = goods.row[product]
    if row >= 0 and goods.bits[row, word] & bit:
        return True
    if made == NONE:
        return False
    if nested(goods.low[made], goods.high[made], goods.low[into], goods.high[into]):
        return True
    row = goods.row[made]
    return row >= 0 and (goods.bits[row, word] & bit) != 0


@kernel
def inside(goods, product, other):  # type: ignore[no-untyped-def]
    """Return whether the codes of a product are some of another's, and not all of them."""
    low, high = goods.low[product], goods.high[product]
    return (
        goods.low[other] <= low
        and high <= goods.high[other]
        and (low, high)
        != (
            goods.low[other],
            goods.high[other],
        )
    )


@kernel
def matching(goods, product, other):  # type: ignore[no-untyped-def]
    """Return whether two products match."""
    return nested(goods.low[product], goods.high[product], goods.low[other], goods.high[other])


@kernel
def onward(goods, product, carried):  # type: ignore[no-untyped-def]
    """Return what is carried after a link with a product: of two that match the narrower, else the link's own."""
    return carried if inside(goods, carried, product) else product


@kernel
def accepts(goods, pair, open_end, bound, carried):  # type: ignore[no-untyped-def]
    """Return whether the links behind, on a way downstream, go on from a carried product.

    The first of them has `pair`; it takes its own product on, unless it is the traced end's (`open_end`). Those before
    it hand the carried product on, which is narrower than theirs, `bound` the narrowest of them, NONE without any.
    """
    if bound != NONE and not inside(goods, carried, bound):
        return False
    product = goods.product[pair]
    if matching(goods, product, carried):
        return open_end or not inside(goods, carried, product)
    return goes_into(goods, product, goods.made[pair], carried)


#: Where a kind holds, of a way downstream, whether the next link that takes its own product on is that of the traced
#: end, and the number above the narrowest product that is handed on before it (0 where there is none).
_OPEN_END, _BOUND = 10, 11


@kernel
def up(arcs, goods, ask, kind, carried, ending, a):  # type: ignore[no-untyped-def]
    """Return the state after an arc upstream: how many (1, or 0 where it is not admissible), kind, goods, ending.

    A kind packs the last hop and what is carried. The goods are the carried product, the ending the product of the last
    supply link, as designations tell products apart.
    """
    hop, flag = np.int64(arcs.hop[a]), (kind >> 3) & 7
    if FOLLOWS[hop, kind & 7] == 0:
        return 0, kind, carried, ending
    if hop == SUPPLY:
        pair = np.uint32(arcs.goods[a])
        product = goods.product[pair]
        if flag == NOT_ASKED or (flag == UNKNOWN and product != NONE):
            pass
        elif product == NONE:
            if ask.strict:
                return 0, kind, carried, ending
            flag, carried = UNKNOWN, NONE
        else:
            before = np.uint32(ask.number) if flag == FIRST else carried
            if matching(goods, product, before):
                carried = onward(goods, product, before)
            elif flag == FIRST or not goes_into(goods, product, goods.made[pair], before):
                return 0, kind, carried, ending
            else:
                carried = product
            flag = PRODUCT
        ending = NONE if product == NONE else goods.alike[product]
    return 1, hop | (flag << 3), carried, ending


@kernel
def down(arcs, goods, ask, kind, carried, ending, a):  # type: ignore[no-untyped-def]
    """Return the states after an arc downstream: how many, kind and goods of both, and the product at the traced end.

    A kind packs the last hop, what is carried, whether there was a supply link, and the hop at the traced end. The
    goods are the pair of product and input-to that what is carried has to accept (see `accepts`); a second state is the
    claim that a link without product is still to come, or that the link hands on what is narrower than its product.
    """
    hop, last = np.int64(arcs.hop[a]), kind & 7
    flag, supplied, end_hop = (kind >> 3) & 7, (kind >> 6) & 1, (kind >> 7) & 7
    none = (0, kind, carried, kind, carried, ending)
    pair = np.uint32(arcs.goods[a])
    product = goods.product[pair]
    if last != START and FOLLOWS[last, hop] == 0:
        return none
    if last == START:
        end_hop = hop
    many, demand, handed, handed_demand = 1, kind >> _OPEN_END, carried, np.int64(0)
    if hop == SUPPLY:
        if supplied == 0:
            ending = NONE if product == NONE else goods.alike[product]
        supplied = 1
        if flag != NOT_ASKED:
            if product == NONE:
                if ask.strict or flag in (PRODUCT, UNKNOWN):
                    return none
                flag, carried, handed, many = UNKNOWN, NONE, NONE, 2
            elif flag == PRODUCT:
                bound = np.uint32((demand >> 1) - 1) if demand >> 1 else NONE
                own = accepts(goods, carried, demand & 1, bound, product)
                narrow = bound if bound != NONE and inside(goods, bound, product) else product
                hands = goods.wide[narrow] and (bound == NONE or matching(goods, bound, product))
                handed_demand = (demand & 1) | ((np.int64(narrow) + 1) << 1)
                rest = hop | (supplied << 6) | (end_hop << 7) | (PRODUCT << 3)
                if own and hands:
                    return (2, rest, pair, rest | (handed_demand << _OPEN_END), carried, ending)
                if own:
                    return (1, rest, pair, rest, carried, ending)
                if hands:
                    return (1, rest | (handed_demand << _OPEN_END), carried, rest, carried, ending)
                return none
            elif flag != OPEN:
                many = 2 if flag == FIRST and not ask.strict else 1
                flag, carried, handed, demand = PRODUCT, pair, NONE, np.int64(1)
    rest = hop | (supplied << 6) | (end_hop << 7)
    return (many, rest | (flag << 3) | (demand << _OPEN_END), carried, rest | (OPEN << 3), handed, ending)


@kernel
def step(arcs, goods, ask, kind, carried, ending, a):  # type: ignore[no-untyped-def]
    """Return the states after an arc, whichever way (see `up` and `down`)."""
    if ask.downstream:
        return down(arcs, goods, ask, kind, carried, ending, a)
    many, kind, carried, ending = up(arcs, goods, ask, kind, carried, ending, a)
    return many, kind, carried, kind, carried, ending


# --- Plain reach -------------------------------------------------------------------------------------------------


@kernel
def bit(v):  # type: ignore[no-untyped-def]
    """Return the bit of a node in its word of a bitmap."""
    return np.uint64(1) << np.uint64(v & np.uint32(63))


@kernel
def mark(bitmap, nodes):  # type: ignore[no-untyped-def]
    """Set the bits of some nodes."""
    for v in nodes:
        bitmap[v >> np.uint32(6)] |= bit(v)


@kernel
def unmark(bitmap, nodes):  # type: ignore[no-untyped-def]
    """Clear the words in which the bits of some nodes are."""
    for v in nodes:
        bitmap[v >> np.uint32(6)] = 0


@kernel
def reach(ways, back, arcs, keep, sources, most, mask, seen, front, queue, levels, turn):  # type: ignore[no-untyped-def]
    """Breadth first over actors alone, for walks that only supply links make, one tier each, all on one day.

    Nodes come to `queue` tier by tier, and are marked in `seen`, a bitmap that is clear before; `levels` says where
    each tier ends. Returns how many nodes and tiers. With `turn` it goes from the unreached side where the frontier is
    wide (Beamer, Asanovic and Patterson 2012). Where there is a mask, a bitmap, nodes outside it are not reached.
    """
    found, masked = 0, len(mask) > 0
    for source in sources:
        if seen[source >> np.uint32(6)] & bit(source) == 0:
            seen[source >> np.uint32(6)] |= bit(source)
            queue[found] = source
            found += 1
    begin, level, numbered, left = 0, 0, len(ways.arc) == 0, np.int64(len(back.other))
    nodes = len(ways.begin)
    levels[0] = found
    while begin < found and level < most:
        end, wide = found, np.int64(0)
        if turn:
            for q in range(begin, end):
                v = queue[q]
                wide += np.int64(ways.end[v]) - np.int64(ways.begin[v])
            left -= wide
        if turn and wide * 14 > left and (end - begin) * 24 > nodes:
            for q in range(begin, end):
                front[queue[q] >> np.uint32(6)] |= bit(queue[q])
            for i in range(nodes):
                v = np.uint32(i)
                if seen[v >> np.uint32(6)] & bit(v) != 0:
                    continue
                for j in range(np.int64(back.begin[v]), np.int64(back.end[v])):
                    row = np.uint64(j)
                    u = back.other[row]
                    if front[u >> np.uint32(6)] & bit(u) != 0 and passes(arcs, keep, back.arc[row]):
                        queue[found] = v
                        found += 1
                        break
            for q in range(begin, end):
                front[queue[q] >> np.uint32(6)] = 0
            for q in range(end, found):
                seen[queue[q] >> np.uint32(6)] |= bit(queue[q])
        else:
            for q in range(begin, end):
                u = queue[q]
                for j in range(np.int64(ways.begin[u]), np.int64(ways.end[u])):
                    row = np.uint64(j)
                    v = ways.other[row]
                    if seen[v >> np.uint32(6)] & bit(v) != 0:
                        continue
                    if masked and mask[v >> np.uint32(6)] & bit(v) == 0:
                        continue
                    if passes(arcs, keep, np.uint32(row) if numbered else ways.arc[row]):
                        seen[v >> np.uint32(6)] |= bit(v)
                        queue[found] = v
                        found += 1
        begin, level = end, level + 1
        levels[level] = found
    return found, level + 1


# --- The search over states --------------------------------------------------------------------------------------


@kernel
def find(space, stamp, states, actor, kind, carried, ending):  # type: ignore[no-untyped-def]
    """Return the slot of a state: where it stands, or the free one where it would."""
    size = np.uint64(len(space.slot) - 1)
    hashed = (np.uint64(actor) << np.uint64(32)) | np.uint64(carried)
    hashed ^= (np.uint64(kind) << np.uint64(20)) ^ (np.uint64(ending) << np.uint64(40))
    hashed = (hashed ^ (hashed >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    slot = (hashed ^ (hashed >> np.uint64(29))) & size
    while space.slot_stamp[slot] == stamp:
        s = space.slot[slot]
        if (
            space.actor[s] == actor
            and space.kind[s] == kind
            and space.goods[s] == carried
            and space.ending[s] == ending
        ):
            break
        slot = (slot + np.uint64(1)) & size
    return slot


@kernel
def first(order, value, price, other, other_price):  # type: ignore[no-untyped-def]
    """Return whether one stands before another in a heap: by cost, then as partial paths where they have an order.

    The order is None, or texts and parts. It is known when a kernel is compiled, which leaves out what it rules out.
    """
    if price != other_price:
        return price < other_price
    if order is None:
        return False
    return ordered(order[0], order[1], value, other) < 0


@kernel
def lift(heap, cost, size, value, price, order):  # type: ignore[no-untyped-def]
    """Add to a binary heap of numbers (see `first`)."""
    i = size
    while i > 0:
        above = (i - 1) >> 1
        if not first(order, value, price, heap[above], cost[above]):
            break
        heap[i], cost[i] = heap[above], cost[above]
        i = above
    heap[i], cost[i] = value, price


@kernel
def drop(heap, cost, size, order):  # type: ignore[no-untyped-def]
    """Remove the first of a binary heap of `size`; the last takes its place."""
    value, price = heap[size - 1], cost[size - 1]
    i, size = 0, size - 1
    while True:
        below = 2 * i + 1
        if below >= size:
            break
        right = below + 1
        if right < size and first(order, heap[right], cost[right], heap[below], cost[below]):
            below = right
        if not first(order, heap[below], cost[below], value, price):
            break
        heap[i], cost[i] = heap[below], cost[below]
        i = below
    heap[i], cost[i] = value, price


@kernel
def added(cost, price):  # type: ignore[no-untyped-def]
    """Return the cost of a path with one more price; a confidence of nothing stays nothing."""
    both = (cost & NOTHING) + (price & NOTHING)
    return (((cost >> BITS) + (price >> BITS)) << BITS) | (both if both < NOTHING else NOTHING)


@kernel
def dominated(space, ask, s, cost, start, end):  # type: ignore[no-untyped-def]
    """Return whether a settled label of a state is at least as wide and, where a floor is asked for, as sure."""
    label = space.labels[s]
    while label != NONE:
        wide = space.start[label] <= start and space.end[label] >= end
        if wide and (ask.least == NOTHING or (space.cost[label] & NOTHING) <= (cost & NOTHING)):
            return True
        label = space.other[label]
    return False


@kernel
def search(ways, arcs, keep, goods, ask, sources, flag, mask, space, stamp, done):  # type: ignore[no-untyped-def]
    """Settle the labels of all admissible walks from some nodes, by cost.

    Returns how many states, labels and waiting labels there are: FULL states, where there is room for too few, to begin
    anew; some waiting, where there is no room for more labels, to go on with more room and these numbers as `done`.

    A label is a walk to a state: its cost and the days on which all its links live. The first label of a state has
    the exact lowest cost of any walk there. A later one counts only where it is wider (or surer, where a floor is
    asked for) than those before. Label-setting search with dominance (Hansen 1980; Martins 1984). Where the
    `widest` are asked for, those that live longest come first, which only get shorter: its cost is none then.
    """
    states, labels, waiting = done
    masked, numbered = len(mask) > 0, len(ways.arc) == 0
    for source in sources if labels == 0 else sources[:0]:
        slot = find(space, stamp, states, source, flag << 3, NONE, NONE)
        if space.slot_stamp[slot] == stamp:
            continue
        if states == len(space.actor) or labels == len(space.state):
            return FULL, 0, 0
        s, states = states, states + 1
        space.slot[slot], space.slot_stamp[slot] = s, stamp
        space.actor[s], space.kind[s], space.goods[s], space.ending[s] = source, flag << 3, NONE, NONE
        space.best[s], space.labels[s], space.sure[s] = NONE, NONE, NOTHING
        space.sister[s] = space.node[source] if space.node_stamp[source] == stamp else NONE
        space.node[source], space.node_stamp[source] = s, stamp
        space.waiting[s], space.waiting_start[s], space.waiting_end[s] = 0, keep.since, keep.until
        space.state[labels], space.cost[labels] = s, 0
        space.start[labels], space.end[labels] = keep.since, keep.until
        space.before[labels], space.arc[labels] = NONE, NONE
        lift(space.heap, space.heap_cost, waiting, np.uint32(labels), 0, None)
        labels, waiting = labels + 1, waiting + 1
    while waiting > 0:
        label = space.heap[0]
        actor = space.actor[space.state[label]]
        if labels + 2 * (np.int64(ways.end[actor]) - np.int64(ways.begin[actor])) > len(space.state):
            return states, labels, waiting
        drop(space.heap, space.heap_cost, waiting, None)
        waiting -= 1
        s, cost, start, end = space.state[label], space.cost[label], space.start[label], space.end[label]
        if dominated(space, ask, s, cost, start, end):
            continue
        space.other[label], space.labels[s] = space.labels[s], label
        if ask.endless:  # those that live on none but its days say nothing more
            kept, older = label, space.other[label]
            while older != NONE:
                if start <= space.start[older] and space.end[older] <= end:
                    space.other[kept] = space.other[older]
                else:
                    kept = older
                older = space.other[older]
        if space.best[s] == NONE:
            space.best[s] = label
        space.sure[s] = min(space.sure[s], cost & NOTHING)
        kind, carried, ending = np.int64(space.kind[s]), space.goods[s], space.ending[s]
        for j in range(np.int64(ways.begin[actor]), np.int64(ways.end[actor])):
            row = np.uint64(j)
            v = ways.other[row]
            a = np.uint32(row) if numbered else ways.arc[row]
            if masked and mask[v >> np.uint32(6)] & bit(v) == 0:
                continue
            if not passes(arcs, keep, a):
                continue
            first, last = max(start, arcs.start[a]), min(end, arcs.end[a])
            if first > last:
                continue
            if ask.widest:
                price = NOTHING - (np.int64(last) - np.int64(first))
            else:
                price = added(cost, (np.int64(arcs.tiers[a]) << BITS) | ask.cost[arcs.confidence[a]])
            if (price >> BITS) > ask.most or (price & NOTHING) > ask.least:
                continue
            if ask.downstream:  # not by `step`, which is not inlined here and takes twice the time
                many, kind_1, goods_1, kind_2, goods_2, end_1 = down(
                    arcs, goods, ask, kind, carried, ending, a
                )
            else:
                many, kind_1, goods_1, end_1 = up(arcs, goods, ask, kind, carried, ending, a)
                kind_2, goods_2 = kind_1, goods_1
            for turn in range(many):
                to_kind = kind_1 if turn == 0 else kind_2
                to_goods = goods_1 if turn == 0 else goods_2
                slot = find(space, stamp, states, v, to_kind, to_goods, end_1)
                if space.slot_stamp[slot] == stamp:
                    t = space.slot[slot]
                    if dominated(space, ask, t, price, first, last):
                        continue
                    if (
                        space.waiting[t] <= price
                        and space.waiting_start[t] <= first
                        and space.waiting_end[t] >= last
                        and (ask.least == NOTHING or (space.waiting[t] & NOTHING) <= (price & NOTHING))
                    ):
                        continue
                else:
                    if states == len(space.actor):
                        return FULL, 0, 0
                    t, states = np.uint32(states), states + 1
                    space.slot[slot], space.slot_stamp[slot] = t, stamp
                    space.actor[t], space.kind[t], space.goods[t], space.ending[t] = (
                        v,
                        to_kind,
                        to_goods,
                        end_1,
                    )
                    space.best[t], space.labels[t], space.sure[t] = NONE, NONE, NOTHING
                    space.sister[t] = space.node[v] if space.node_stamp[v] == stamp else NONE
                    space.node[v], space.node_stamp[v] = t, stamp
                    space.waiting[t] = price + 1
                if price < space.waiting[t]:
                    space.waiting[t], space.waiting_start[t], space.waiting_end[t] = price, first, last
                space.state[labels], space.cost[labels] = t, price
                space.start[labels], space.end[labels] = first, last
                space.before[labels], space.arc[labels] = label, a
                lift(space.heap, space.heap_cost, waiting, np.uint32(labels), price, None)
                labels, waiting = labels + 1, waiting + 1
    return states, labels, waiting


@kernel
def accepted(goods, ask, kind, carried):  # type: ignore[no-untyped-def]
    """Return whether a walk may end in a state: downstream, the buyer's own link carries the asked product."""
    flag = (kind >> 3) & 7
    if not ask.downstream or not ask.product or flag in (FIRST, UNKNOWN):
        return True
    if flag == OPEN:
        return False
    open_end, bound, asked = (kind >> _OPEN_END) & 1, kind >> _BOUND, np.uint32(ask.number)
    if bound:
        return accepts(goods, carried, open_end, np.uint32(bound - 1), asked)
    product = goods.product[carried]
    return matching(goods, product, asked) and (open_end or not inside(goods, asked, product))


@kernel
def ends(goods, ask, space, states, allowed):  # type: ignore[no-untyped-def]
    """Mark the states in which a walk may end."""
    for s in range(states):
        known = space.best[s] != NONE
        allowed[s] = known and accepted(goods, ask, np.int64(space.kind[s]), space.goods[s])


@kernel
def marked(space, stamp, v, kind, carried, ending, marks):  # type: ignore[no-untyped-def]
    """Return whether a state is known and marked."""
    slot = find(space, stamp, 0, v, kind, carried, ending)
    return space.slot_stamp[slot] == stamp and marks[space.slot[slot]] != 0


@kernel
def leading(ways, arcs, keep, goods, ask, space, stamp, states, marks):  # type: ignore[no-untyped-def]
    """Mark the states from which a walk goes on to a marked one, whatever its days and its cost."""
    numbered, changed = len(ways.arc) == 0, True
    while changed:
        changed = False
        for i in range(states - 1, -1, -1):
            s = np.uint32(i)
            actor, kind = space.actor[s], np.int64(space.kind[s])
            for j in range(np.int64(ways.begin[actor]), np.int64(ways.end[actor])):
                if marks[s] != 0:
                    break
                row = np.uint64(j)
                a = np.uint32(row) if numbered else ways.arc[row]
                if not passes(arcs, keep, a):
                    continue
                many, kind_1, goods_1, kind_2, goods_2, end = step(
                    arcs, goods, ask, kind, space.goods[s], space.ending[s], a
                )
                if (many > 0 and marked(space, stamp, ways.other[row], kind_1, goods_1, end, marks)) or (
                    many > 1 and marked(space, stamp, ways.other[row], kind_2, goods_2, end, marks)
                ):
                    marks[s], changed = 1, True


@kernel
def walked(ways, arcs, keep, goods, ask, space, stamp, states, marks, refused, out):  # type: ignore[no-untyped-def]
    """Write the arcs that admissible walks take to `out`, some of them twice; returns how many, or FULL.

    Where there are `marks`, walks go to marked states alone. With `refused` it writes those supply links instead that
    some walk with a product could take but for their own.
    """
    found, numbered = 0, len(ways.arc) == 0
    for i in range(states):
        s = np.uint32(i)
        actor, kind = space.actor[s], np.int64(space.kind[s])
        carried, ending = space.goods[s], space.ending[s]
        for j in range(np.int64(ways.begin[actor]), np.int64(ways.end[actor])):
            row = np.uint64(j)
            a = np.uint32(row) if numbered else ways.arc[row]
            if not passes(arcs, keep, a):
                continue
            many, kind_1, goods_1, kind_2, goods_2, end = step(arcs, goods, ask, kind, carried, ending, a)
            taken, v = many > 0, ways.other[row]
            if taken and len(marks) > 0 and not refused:
                taken = marked(space, stamp, v, kind_1, goods_1, end, marks) or (
                    many > 1 and marked(space, stamp, v, kind_2, goods_2, end, marks)
                )
            if taken == refused or (refused and (arcs.hop[a] != SUPPLY or (kind >> 3) & 7 != PRODUCT)):
                continue
            label = space.labels[s]
            while label != NONE:
                price = added(
                    space.cost[label], (np.int64(arcs.tiers[a]) << BITS) | ask.cost[arcs.confidence[a]]
                )
                live = space.start[label] <= arcs.end[a] and space.end[label] >= arcs.start[a]
                if live and (price >> BITS) <= ask.most and (price & NOTHING) <= ask.least:
                    if found == len(out):
                        return FULL
                    out[found] = a
                    found += 1
                    break
                label = space.other[label]
    return found


@kernel
def without(ways, arcs, keep, goods, ask, mask, space, stamp, states, number, bits, queue, queued):  # type: ignore[no-untyped-def]
    """Set the bits of each state for the candidates without which a walk still comes there, whatever its days and cost.

    `number` holds the candidate that a node is, -1 where it is none. Bit-parallel reach over the states of a search
    and a circular queue, as in `distinct`.
    """
    head, many, words = 0, 0, bits.shape[1]
    masked, numbered = len(mask) > 0, len(ways.arc) == 0
    bits[:states, :], queued[:states] = 0, 0
    for i in range(states):
        if (space.kind[i] & 7) == START:
            bits[i, :] = np.uint64(0xFFFFFFFFFFFFFFFF)
            queue[many], many, queued[i] = i, many + 1, 1
    while many > 0:
        s = queue[head]
        head, many, queued[s] = (head + 1) % states, many - 1, 0
        actor, kind = space.actor[s], np.int64(space.kind[s])
        gone = number[actor]
        for j in range(np.int64(ways.begin[actor]), np.int64(ways.end[actor])):
            row = np.uint64(j)
            v = ways.other[row]
            a = np.uint32(row) if numbered else ways.arc[row]
            if (masked and mask[v >> np.uint32(6)] & bit(v) == 0) or not passes(arcs, keep, a):
                continue
            count, kind_1, goods_1, kind_2, goods_2, end_1 = step(
                arcs, goods, ask, kind, space.goods[s], space.ending[s], a
            )
            for turn in range(count):
                to_kind, to_goods = (kind_1, goods_1) if turn == 0 else (kind_2, goods_2)
                slot = find(space, stamp, states, v, to_kind, to_goods, end_1)
                if space.slot_stamp[slot] != stamp:
                    continue
                t, fresh = space.slot[slot], np.uint64(0)
                for w in range(words):
                    brought = bits[s, w]
                    if gone >= 0 and gone >> 6 == w:
                        brought &= ~(np.uint64(1) << np.uint64(gone & 63))
                    fresh |= brought & ~bits[t, w]
                    bits[t, w] |= brought
                if fresh != 0 and queued[t] == 0:
                    queue[(head + many) % states], many, queued[t] = t, many + 1, 1


@kernel
def beside(space, finals, ends, gone, found):  # type: ignore[no-untyped-def]
    """Mark the sets of states to one of which a settled walk leads that is never at a node.

    `finals` are the states of all sets, `ends` where those of each end.
    """
    first = np.int64(0)
    for i in range(len(ends)):
        for j in range(first, ends[i]):
            label = space.labels[finals[j]]
            while label != NONE and not found[i]:
                at = label
                while at != NONE and space.actor[space.state[at]] != gone:
                    at = space.before[at]
                found[i] = at == NONE
                label = space.other[label]
        first = ends[i]


# --- The best paths ----------------------------------------------------------------------------------------------


@kernel
def compare(ends, heap, ordered, x, y):  # type: ignore[no-untyped-def]
    """Compare two texts of a heap byte by byte, as their code points compare; the first ones are in order."""
    if x < ordered and y < ordered:
        return x - y
    i, j = np.int64(ends[x]), np.int64(ends[y])
    i_end, j_end = np.int64(ends[x + 1]), np.int64(ends[y + 1])
    while i < i_end and j < j_end:
        if heap[i] != heap[j]:
            return -1 if heap[i] < heap[j] else 1
        i, j = i + 1, j + 1
    return (i_end - i) - (j_end - j)


@kernel
def ordered(texts, parts, x, y):  # type: ignore[no-untyped-def]
    """Compare two partial paths of one cost by the IRIs of their records and actors, from where they began."""
    a, b, result = x, y, 0
    while parts.depth[a] > parts.depth[b]:
        a = parts.rest[a]
    while parts.depth[b] > parts.depth[a]:
        b = parts.rest[b]
    while a != b:
        found = 0
        if parts.arc[a] != parts.arc[b] and parts.depth[a] > 0:
            found = compare(
                texts.record_ends,
                texts.record_heap,
                texts.records,
                np.int64(texts.record[parts.arc[a]]),
                np.int64(texts.record[parts.arc[b]]),
            )
        if found == 0:
            x_actor, y_actor = np.int64(parts.actor[a]), np.int64(parts.actor[b])
            found = compare(texts.actor_ends, texts.actor_heap, texts.actors, x_actor, y_actor)
        if found != 0:
            result = found
        if parts.depth[a] == 0:
            break
        a, b = parts.rest[a], parts.rest[b]
    return result if result != 0 else np.int64(parts.depth[x]) - np.int64(parts.depth[y])


@kernel
def repeats(parts, part, actor, code):  # type: ignore[no-untyped-def]
    """Return whether a partial path was at an actor already with the same carried product."""
    while True:
        if parts.actor[part] == actor and parts.code[part] == code:
            return True
        if parts.depth[part] == 0:
            return False
        part = parts.rest[part]


@kernel
def carries(arcs, goods, ask, code, a):  # type: ignore[no-untyped-def]
    """Return what is carried after an arc walked from its buyer's side: a product, -2 where that is unknown."""
    if not ask.product or arcs.hop[a] != SUPPLY or code == -2:
        return code
    product = goods.product[arcs.goods[a]]
    return np.int64(-2) if product == NONE else np.int64(onward(goods, product, np.uint32(code)))


@kernel
def write(parts, part, out, out_ends, found):  # type: ignore[no-untyped-def]
    """Write the arcs of a path, newest first, unless they were written before; returns how many paths there are."""
    depth = np.int64(parts.depth[part])
    begin = out_ends[found]
    if begin + depth > len(out):
        return FULL
    here = part
    for i in range(depth):
        out[begin + i] = parts.arc[here]
        here = parts.rest[here]
    for path in range(found):
        if out_ends[path + 1] - out_ends[path] == depth:
            same = True
            for i in range(depth):
                if out[out_ends[path] + i] != out[begin + i]:
                    same = False
                    break
            if same:
                return found
    out_ends[found + 1] = begin + depth
    return found + 1


@kernel
def paths(back, arcs, keep, goods, ask, texts, space, stamp, root, asked, finals, pops, parts, out, out_ends):  # type: ignore[no-untyped-def]
    """Write the best paths to any of some states, `len(out_ends) - 1` of them at most.

    Best first over partial paths from the traced end back to the root; the first label of a state is the exact cost
    of what is missing (A* of Hart, Nilsson and Raphael 1968 with a perfect bound where dates and repeats do not
    interfere). Returns how many were found, negative where it was given up: minus one, minus how many.
    """
    size, made, found, bare = 0, 0, 0, ask.downstream and ask.product
    for s in finals:
        flag, carried = (np.int64(space.kind[s]) >> 3) & 7, space.goods[s]
        code = np.int64(-1)
        if bare or flag == FIRST:
            code = asked
        elif flag == PRODUCT:
            code = np.int64(carried)
        elif flag == UNKNOWN:
            code = np.int64(-2)
        at_start = (space.kind[s] & 7) == START
        if not bare and not at_start and space.actor[s] == root and code == (asked if ask.product else -1):
            continue
        parts.state[made], parts.arc[made], parts.rest[made], parts.depth[made] = s, NONE, NONE, 0
        parts.actor[made], parts.code[made], parts.cost[made] = space.actor[s], code, 0
        parts.start[made], parts.end[made] = keep.since, keep.until
        lift(parts.heap, parts.heap_cost, size, np.uint32(made), space.cost[space.best[s]], (texts, parts))
        size, made = size + 1, made + 1
    numbered = len(back.arc) == 0
    for _ in range(pops):
        if size == 0:
            return found
        part = parts.heap[0]
        drop(parts.heap, parts.heap_cost, size, (texts, parts))
        size -= 1
        s = parts.state[part]
        if (space.kind[s] & 7) == START:
            more = write(parts, part, out, out_ends, found)
            if more == FULL:
                return -1 - found
            found = more
            if found == len(out_ends) - 1:
                return found
            continue
        for j in range(np.int64(back.begin[space.actor[s]]), np.int64(back.end[space.actor[s]])):
            row = np.uint64(j)
            u = back.other[row]
            if space.node_stamp[u] != stamp:
                continue
            a = np.uint32(row) if numbered else back.arc[row]
            first, last = max(parts.start[part], arcs.start[a]), min(parts.end[part], arcs.end[a])
            if first > last or arcs.hop[a] != (space.kind[s] & 7) or not passes(arcs, keep, a):
                continue
            cost = added(parts.cost[part], (np.int64(arcs.tiers[a]) << BITS) | ask.cost[arcs.confidence[a]])
            before = space.node[u]
            while before != NONE:
                b, before = before, space.sister[before]
                if space.best[b] == NONE:
                    continue
                kind = np.int64(space.kind[b])
                price = added(cost, space.cost[space.best[b]])
                if (price >> BITS) > ask.most:
                    continue
                if ask.least != NOTHING and (added(cost, space.sure[b]) & NOTHING) > ask.least:
                    continue
                many, kind_1, goods_1, kind_2, goods_2, end_1 = step(
                    arcs, goods, ask, kind, space.goods[b], space.ending[b], a
                )
                first_leads = many > 0 and kind_1 == space.kind[s] and goods_1 == space.goods[s]
                second_leads = many == 2 and kind_2 == space.kind[s] and goods_2 == space.goods[s]
                if end_1 != space.ending[s] or not (first_leads or second_leads):
                    continue
                flag = (kind >> 3) & 7
                code = np.int64(-1)
                if bare:
                    code = carries(arcs, goods, ask, parts.code[part], a)
                elif flag == FIRST:
                    code = asked
                elif flag == PRODUCT:
                    code = np.int64(space.goods[b])
                elif flag == UNKNOWN:
                    code = np.int64(-2)
                home = not bare and u == root and code == (asked if ask.product else -1)
                if (home and (kind & 7) != START) or (not home and repeats(parts, part, u, code)):
                    continue
                if made == len(parts.state):
                    return -1 - found
                parts.state[made], parts.arc[made], parts.rest[made] = b, a, part
                parts.depth[made], parts.actor[made], parts.code[made] = parts.depth[part] + 1, u, code
                parts.cost[made], parts.start[made], parts.end[made] = cost, first, last
                lift(parts.heap, parts.heap_cost, size, np.uint32(made), price, (texts, parts))
                size, made = size + 1, made + 1
    return found if size == 0 else -1 - found


@kernel
def bound(back, arcs, keep, price, sources, h, heap, heap_cost):  # type: ignore[no-untyped-def]
    """Lower `h` to the exact lowest cost from each node to any source, whatever the rules of walks.

    `h` holds what is known (NOWHERE where nothing is); the sources are nodes whose cost was lowered. Dijkstra's search,
    reversed. Returns 0, or FULL where the heap is too small.
    """
    size = 0
    for source in sources:
        lift(heap, heap_cost, size, source, h[source], None)
        size += 1
    while size > 0:
        v, cost = heap[0], heap_cost[0]
        drop(heap, heap_cost, size, None)
        size -= 1
        if cost > h[v]:
            continue
        for j in range(np.int64(back.begin[v]), np.int64(back.end[v])):
            row = np.uint64(j)
            u, a = back.other[row], back.arc[row]
            if keep.some_datasets and keep.datasets[arcs.dataset[a]] == 0:
                continue
            longer = added(cost, (np.int64(arcs.tiers[a]) << BITS) | price[arcs.confidence[a]])
            if longer < h[u]:
                h[u] = longer
                if size == len(heap):
                    return FULL
                lift(heap, heap_cost, size, u, longer, None)
                size += 1
    return 0


@kernel
def level_bound(back, arcs, keep, price, sources, h, queue, done):  # type: ignore[no-untyped-def]
    """Set `h` to the same where every link is one tier: tier by tier, so that no heap is needed.

    The cost of a node is final when all nodes of the tier before were taken up; `done`, a bitmap that is clear before,
    marks those that are.
    """
    found, taken, marked, level = 0, 0, 0, np.int64(0)
    h[:] = NOWHERE
    for source in sources:
        h[source], queue[found] = 0, source
        found += 1
    while taken < found:
        if taken == marked:  # all nodes of the next tier are in the queue
            mark(done, queue[marked:found])
            marked, level = found, level + 1
        v = queue[taken]
        taken += 1
        rest = h[v] & NOTHING
        for j in range(np.int64(back.begin[v]), np.int64(back.end[v])):
            row = np.uint64(j)
            u = back.other[row]
            if done[u >> np.uint32(6)] & bit(u) != 0:
                continue
            a = back.arc[row]
            if keep.some_datasets and keep.datasets[arcs.dataset[a]] == 0:
                continue
            sure = rest + price[arcs.confidence[a]]
            longer = (level << BITS) | (sure if sure < NOTHING else NOTHING)
            if longer < h[u]:
                if h[u] == NOWHERE:
                    queue[found] = u
                    found += 1
                h[u] = longer


@kernel
def nearest(ways, arcs, keep, goods, ask, texts, h, exposed, root, flag, asked, pops, parts, out, out_ends):  # type: ignore[no-untyped-def]
    """Write the best paths from a node to any exposed one, the stored bound `h` as the cost of what is missing.

    Filters only remove links, so that `h` stays a lower bound under any of them. Returns as `paths` does.
    """
    size, made, found = 0, 0, 0
    parts.arc[0], parts.rest[0], parts.depth[0], parts.actor[0], parts.state[0] = NONE, NONE, 0, root, 0
    parts.code[0], parts.kind[0], parts.goods[0], parts.cost[0] = (
        asked if ask.product else -1,
        flag << 3,
        NONE,
        0,
    )
    parts.start[0], parts.end[0] = keep.since, keep.until
    if h[root] < NOWHERE:
        lift(parts.heap, parts.heap_cost, size, np.uint32(made), h[root], (texts, parts))
        size, made = 1, 1
    for _ in range(pops):
        if size == 0:
            return found
        part = parts.heap[0]
        drop(parts.heap, parts.heap_cost, size, (texts, parts))
        size -= 1
        v, kind = parts.actor[part], np.int64(parts.kind[part])
        if parts.state[part] == 1:
            more = write(parts, part, out, out_ends, found)
            if more == FULL:
                return -1 - found
            found = more
            if found == len(out_ends) - 1:
                return found
            continue
        for j in range(np.int64(ways.begin[v]), np.int64(ways.end[v])):
            a = np.uint32(j)
            u = arcs.head[a]
            if h[u] == NOWHERE or not passes(arcs, keep, a):
                continue
            first, last = max(parts.start[part], arcs.start[a]), min(parts.end[part], arcs.end[a])
            if first > last:
                continue
            cost = added(parts.cost[part], (np.int64(arcs.tiers[a]) << BITS) | ask.cost[arcs.confidence[a]])
            price = added(cost, h[u])
            if (price >> BITS) > ask.most or (cost & NOTHING) > ask.least:
                continue
            many, kind_1, goods_1, _ = up(arcs, goods, ask, kind, parts.goods[part], NONE, a)
            code = carries(arcs, goods, ask, parts.code[part], a)
            if many == 0 or repeats(parts, part, u, code):
                continue
            for done in range(2 if exposed[u] else 1):
                if made == len(parts.state):
                    return -1 - found
                parts.state[made], parts.arc[made], parts.rest[made] = done, a, part
                parts.depth[made], parts.actor[made], parts.code[made] = parts.depth[part] + 1, u, code
                parts.kind[made], parts.goods[made], parts.cost[made] = kind_1, goods_1, cost
                parts.start[made], parts.end[made] = first, last
                lift(parts.heap, parts.heap_cost, size, np.uint32(made), price, (texts, parts))
                size, made = size + 1, made + 1
    return found if size == 0 else -1 - found


# --- Every actor at once -----------------------------------------------------------------------------------------


@kernel
def knotted(back, arcs, keep, seeds, knot, order, low, number, following, open_, calls):  # type: ignore[no-untyped-def]
    """Write to `knot` which nodes hand on to each other, all of a cycle alike, as far as seeds hand on to any.

    Knots count from 1 on, and hand on to lower ones alone; `order` has the nodes, knot by knot. The numbers of nodes
    and of knots are returned. (Tarjan 1972, with a stack in the place of calls.) `knot` and `number` come as zeros.
    """
    done, knots, met, some = 0, 0, np.uint32(0), 0
    for root in seeds:
        if number[root] != 0:
            continue
        depth, calls[0] = 1, root
        met += np.uint32(1)
        low[root], number[root], following[root], open_[some] = met, met, back.begin[root], root
        some += 1
        while depth > 0:
            v = calls[depth - 1]
            row = following[v]
            if row < back.end[v]:
                following[v] = row + np.uint32(1)
                u = back.other[row]
                if knot[u] != 0 or not passes(arcs, keep, back.arc[row]):
                    continue
                if number[u] != 0:
                    low[v] = min(low[v], number[u])
                    continue
                met += np.uint32(1)
                low[u], number[u], following[u], open_[some], calls[depth] = met, met, back.begin[u], u, u
                some, depth = some + 1, depth + 1
                continue
            depth -= 1
            if depth > 0:
                low[calls[depth - 1]] = min(low[calls[depth - 1]], low[v])
            if low[v] == number[v]:
                knots += 1
                while knot[v] == 0:
                    some -= 1
                    knot[open_[some]], order[done] = knots, open_[some]
                    done += 1
    return done, knots


@kernel
def distinct(  # type: ignore[no-untyped-def]
    back, arcs, keep, seeds, seed_ends, beside, beside_ends, exposed, knot, order, bits, own, counts,
):  # fmt: skip
    """Add to `counts` how many exposed nodes lie upstream of each node, one bit for each of them.

    The bits of exposed node i begin at the nodes ``seeds[seed_ends[i]:seed_ends[i + 1]]``; those of `beside`, by
    `beside_ends`, have it, too, and hand it on to nobody. Bit-parallel reach (the multi-source search of Then et al.
    2014) over `knotted`: the nodes of a knot have the same bits, and each arc is walked once. `bits` has a row for each
    knot, and one for the nodes that are in none; `own` has one for each node.
    """
    words = bits.shape[1]
    bits[:, :] = 0
    for i in range(len(exposed)):
        for j in range(seed_ends[i], seed_ends[i + 1]):
            bits[knot[seeds[j]], i >> 6] |= np.uint64(1) << np.uint64(i & 63)
    for i in range(len(order) - 1, -1, -1):
        v = order[i]
        above = knot[v]
        for j in range(np.int64(back.begin[v]), np.int64(back.end[v])):
            row = np.uint64(j)
            below = knot[back.other[row]]
            if below == above:
                continue
            fresh = np.uint64(0)
            for w in range(words):
                fresh |= bits[above, w] & ~bits[below, w]
            if fresh != 0 and passes(arcs, keep, back.arc[row]):
                for w in range(words):
                    bits[below, w] |= bits[above, w]
    for v in range(len(counts)):
        for w in range(words):
            own[v, w] = bits[knot[v], w]
    for i in range(len(exposed)):
        for j in range(beside_ends[i], beside_ends[i + 1]):
            own[beside[j], i >> 6] |= np.uint64(1) << np.uint64(i & 63)
        own[exposed[i], i >> 6] &= ~(np.uint64(1) << np.uint64(i & 63))
    for v in range(len(counts)):
        for w in range(words):
            x = own[v, w]
            while x != 0:
                x &= x - np.uint64(1)
                counts[v] += 1


@kernel
def before(back, arcs, keep, seeds, most, tier, queue):  # type: ignore[no-untyped-def]
    """Write to `tier` the fewest tiers from each node through some seed, a seed itself having one; -1 where none is."""
    found, done = 0, 0
    tier[:] = -1
    for v in seeds:
        if most > 0 and tier[v] < 0:
            tier[v], queue[found] = 1, v
            found += 1
    while done < found:
        v = queue[done]
        done += 1
        if tier[v] == most:
            break
        for j in range(np.int64(back.begin[v]), np.int64(back.end[v])):
            row = np.uint64(j)
            u = back.other[row]
            if tier[u] < 0 and passes(arcs, keep, back.arc[row]):
                tier[u], queue[found] = tier[v] + 1, u
                found += 1


@kernel
def passed_on(weighted, found, after, first, last):  # type: ignore[no-untyped-def]
    """Write to `after`, for each node from `first` up to `last`, what is given and what its row brings of `found`."""
    begin, other, weight = weighted.begin, weighted.other, weighted.weight
    for v in range(np.uint64(first), np.uint64(last)):
        total = 0.0
        for j in range(np.uint64(begin[v]), np.uint64(begin[v + np.uint64(1)])):
            total += weight[j] * found[other[j]]
        after[v] = total + weighted.given[v]


@kernel
def bounds_passed_on(claimed, low, high, low_after, high_after, first, last):  # type: ignore[no-untyped-def]
    """Write the bounds of the nodes from `first` up to `last`, by those of the nodes that their rows lead to.

    What claims a stated part counts with it; what may claim any part is all of it, or nothing.
    """
    begin, other, weight = claimed.begin, claimed.other, claimed.weight
    for v in range(np.uint64(first), np.uint64(last)):
        given = claimed.given[v]
        known, met = given == given, claimed.met[v] != 0
        low_sum, high_sum, least, most = 0.0, 0.0, 1.0, 1.0 if met else 0.0
        some = met
        for j in range(np.uint64(begin[v]), np.uint64(begin[v + np.uint64(1)])):
            u, part = other[j], weight[j]
            if part == part:
                low_sum += part * low[u]
                high_sum += part * high[u]
            else:
                some = True
                least, most = min(least, low[u]), max(most, high[u])
        if known:
            low_sum, high_sum = low_sum + given, high_sum + given + claimed.rest[v]
            if some:
                low_sum, high_sum = min(low_sum, least), max(high_sum, most)
        else:
            low_sum, high_sum = least if some else 0.0, most
        low_after[v], high_after[v] = low_sum, high_sum


@kernel
def bare(ways, arcs, live, nodes, marks):  # type: ignore[no-untyped-def]
    """Mark those of some nodes that have no live supply link upstream, whatever is asked for."""
    for i in range(len(nodes)):
        v, some = nodes[i], False
        for j in range(np.int64(ways.begin[v]), np.int64(ways.end[v])):
            a = np.uint32(j)
            if arcs.hop[a] == SUPPLY and live[arcs.dataset[a]]:
                some = True
                break
        marks[i] = not some


@kernel
def allowed(arcs, keep, numbers, out):  # type: ignore[no-untyped-def]
    """Mark which of some arcs may be walked, whatever the walk."""
    for i in range(len(numbers)):
        out[i] = passes(arcs, keep, numbers[i])
