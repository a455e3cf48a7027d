package authz

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// trie is a map from names to values of which every version stays as it is: whoever changes it copies the few nodes on
// the way to the change, and shares the rest. Its order is that of the hashes of the names and the same in every process.
type trie[V any] struct {
	root *node[V]
	size int
}

// node holds up to 64 slots, each empty, a leaf or a node further down. Only the edit that made it may change it.
type node[V any] struct {
	edit           uint64
	leafed, forked uint64 // which slots are leaves, and which are nodes
	leaves         []*leaf[V]
	kids           []*node[V]
}

// leaf is one entry. The next one has the same hash and a greater name.
type leaf[V any] struct {
	hash  uint64
	key   string
	value V
	next  *leaf[V]
}

// slotBits is how many bits of the hash each level looks at, from the top.
const slotBits = 6

func slot(hash uint64, depth int) uint64 {
	if left := 64 - slotBits*(depth+1); left >= 0 {
		return hash >> left & 63
	}
	return hash & 15 // what is left of 64 bits after ten levels
}

// lowest is the depth at which no bit of the hash is left to tell leaves apart.
const lowest = 64 / slotBits

// hashOf spreads names over 64 bits.
func hashOf(key string) uint64 {
	const seed = 0x9e3779b97f4a7c15
	hash, rest := uint64(len(key))*seed+seed, key
	for ; len(rest) >= 8; rest = rest[8:] {
		hash = mix(hash^word64(rest), seed)
	}
	var last [8]byte
	copy(last[:], rest)
	return mix(mix(hash^binary.LittleEndian.Uint64(last[:]), seed), 0xd6e8feb86659fd93)
}

func word64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// get returns the value of a name, or nil.
func (t *trie[V]) get(key string) *V {
	hash := hashOf(key)
	n := t.root
	for depth := 0; n != nil; depth++ {
		bit := uint64(1) << slot(hash, depth)
		if n.leafed&bit != 0 {
			for l := n.leaves[bits.OnesCount64(n.leafed&(bit-1))]; l != nil; l = l.next {
				if l.hash == hash && l.key == key {
					return &l.value
				}
			}
			return nil
		}
		if n.forked&bit == 0 {
			return nil
		}
		n = n.kids[bits.OnesCount64(n.forked&(bit-1))]
	}
	return nil
}

// put gives a name a value.
func (t *trie[V]) put(edit uint64, key string, value V) {
	if t.get(key) == nil {
		t.size++
	}
	one := &leaf[V]{hash: hashOf(key), key: key, value: value}
	t.root = t.root.put(edit, 0, one)
}

// own returns the node for the edit to change: itself, or a copy.
func (n *node[V]) own(edit uint64) *node[V] {
	switch {
	case n == nil:
		return &node[V]{edit: edit}
	case n.edit == edit:
		return n
	}
	return &node[V]{edit: edit, leafed: n.leafed, forked: n.forked, leaves: slices.Clone(n.leaves), kids: slices.Clone(n.kids)}
}

func (n *node[V]) put(edit uint64, depth int, one *leaf[V]) *node[V] {
	n = n.own(edit)
	bit := uint64(1) << slot(one.hash, depth)
	switch at := bits.OnesCount64(n.leafed & (bit - 1)); {
	case n.forked&bit != 0:
		kid := bits.OnesCount64(n.forked & (bit - 1))
		n.kids[kid] = n.kids[kid].put(edit, depth+1, one)
	case n.leafed&bit == 0:
		n.leafed |= bit
		n.leaves = slices.Insert(n.leaves, at, one)
	case n.leaves[at].hash == one.hash || depth == lowest:
		n.leaves[at] = n.leaves[at].with(one)
	default: // two names meet: both move down
		there := n.leaves[at]
		n.leafed, n.leaves = n.leafed&^bit, slices.Delete(n.leaves, at, at+1)
		kid := (*node[V])(nil).put(edit, depth+1, there).put(edit, depth+1, one)
		n.forked |= bit
		n.kids = slices.Insert(n.kids, bits.OnesCount64(n.forked&(bit-1)), kid)
	}
	return n
}

// with returns the chain with one more leaf, in the place of one with the same name.
func (l *leaf[V]) with(one *leaf[V]) *leaf[V] {
	switch {
	case l == nil || one.hash < l.hash || one.hash == l.hash && one.key < l.key:
		one.next = l
		return one
	case one.key == l.key:
		one.next = l.next
		return one
	}
	return &leaf[V]{l.hash, l.key, l.value, l.next.with(one)}
}

// drop forgets a name.
func (t *trie[V]) drop(edit uint64, key string) {
	if t.get(key) == nil {
		return
	}
	t.size--
	t.root = t.root.drop(edit, 0, hashOf(key), key)
}

func (n *node[V]) drop(edit uint64, depth int, hash uint64, key string) *node[V] {
	n = n.own(edit)
	bit := uint64(1) << slot(hash, depth)
	if n.forked&bit != 0 {
		kid := bits.OnesCount64(n.forked & (bit - 1))
		n.kids[kid] = n.kids[kid].drop(edit, depth+1, hash, key)
		return n
	}
	at := bits.OnesCount64(n.leafed & (bit - 1))
	if left := n.leaves[at].without(key); left != nil {
		n.leaves[at] = left
		return n
	}
	n.leafed, n.leaves = n.leafed&^bit, slices.Delete(n.leaves, at, at+1)
	return n
}

func (l *leaf[V]) without(key string) *leaf[V] {
	switch {
	case l == nil:
		return nil
	case l.key == key:
		return l.next
	}
	return &leaf[V]{l.hash, l.key, l.value, l.next.without(key)}
}

// walk visits the entries in order, from the one after a name on, until visit returns false. An empty name comes before all.
func (t *trie[V]) walk(after string, visit func(key string, value *V) bool) {
	w := walk[V]{visit: visit}
	if after != "" {
		w.after, w.hash = after, hashOf(after)
	}
	w.node(t.root, 0, after != "")
}

type walk[V any] struct {
	after string
	hash  uint64 // of after
	visit func(string, *V) bool
}

// node visits what lies in a node. Within bounds, entries up to after may lie in it.
func (w *walk[V]) node(n *node[V], depth int, within bool) bool {
	if n == nil {
		return true
	}
	first := uint64(0)
	if within {
		first = slot(w.hash, depth)
	}
	for all := (n.leafed | n.forked) >> first << first; all != 0; all &= all - 1 {
		bit := all & -all
		inside := within && bit == 1<<first
		if n.forked&bit != 0 {
			if !w.node(n.kids[bits.OnesCount64(n.forked&(bit-1))], depth+1, inside) {
				return false
			}
			continue
		}
		for l := n.leaves[bits.OnesCount64(n.leafed&(bit-1))]; l != nil; l = l.next {
			if inside && (l.hash < w.hash || l.hash == w.hash && l.key <= w.after) {
				continue
			}
			if !w.visit(l.key, &l.value) {
				return false
			}
		}
	}
	return true
}
