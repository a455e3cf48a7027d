package authz

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// contents returns what a trie holds, in its order.
func contents(t *trie[int], after string) (keys []string, values []int) {
	t.walk(after, func(key string, value *int) bool {
		keys, values = append(keys, key), append(values, *value)
		return true
	})
	return keys, values
}

func TestATrieIsAMapOfWhichEveryVersionStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type version struct {
			trie trie[int]
			want map[string]int
		}
		versions := []version{{want: map[string]int{}}}
		edit := uint64(0)
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			from := versions[rapid.IntRange(0, len(versions)-1).Draw(t, "from")]
			next := version{from.trie, maps.Clone(from.want)}
			edit++
			for range rapid.IntRange(1, 30).Draw(t, "changes") {
				key := fmt.Sprint("k", rapid.IntRange(0, 300).Draw(t, "key"))
				if rapid.IntRange(0, 2).Draw(t, "what") == 0 {
					next.trie.drop(edit, key)
					delete(next.want, key)
				} else {
					next.trie.put(edit, key, step)
					next.want[key] = step
				}
			}
			versions = append(versions, next)
		}
		for _, v := range versions {
			keys, values := contents(&v.trie, "")
			if v.trie.size != len(v.want) || len(keys) != len(v.want) {
				t.Fatalf("size %d with %d entries, want %d", v.trie.size, len(keys), len(v.want))
			}
			for i, key := range keys {
				if got := v.trie.get(key); got == nil || *got != v.want[key] || values[i] != v.want[key] {
					t.Fatalf("%s: got %v and %d, want %d", key, got, values[i], v.want[key])
				}
			}
			if v.trie.get("missing") != nil {
				t.Fatal("found what was never put")
			}
			if len(keys) > 0 {
				at := rapid.IntRange(0, len(keys)-1).Draw(t, "after")
				if rest, _ := contents(&v.trie, keys[at]); !slices.Equal(rest, keys[at+1:]) {
					t.Fatalf("after %s: got %v, want %v", keys[at], rest, keys[at+1:])
				}
			}
		}
	})
}

func TestNamesWithOneHashStayApart(t *testing.T) {
	var n *node[int]
	for edit, key := range []string{"b", "a", "c", "b"} {
		n = n.put(uint64(edit), 0, &leaf[int]{hash: 7, key: key, value: edit})
	}
	whole := trie[int]{root: n}
	if keys, values := contents(&whole, ""); !slices.Equal(keys, []string{"a", "b", "c"}) || !slices.Equal(values, []int{1, 3, 2}) {
		t.Errorf("got %v and %v", keys, values)
	}
	less := n.drop(9, 0, 7, "b")
	if keys, _ := contents(&trie[int]{root: less}, ""); !slices.Equal(keys, []string{"a", "c"}) {
		t.Errorf("got %v", keys)
	}
	if keys, _ := contents(&whole, ""); len(keys) != 3 {
		t.Errorf("the version before has changed: %v", keys)
	}
	near := n.put(10, 0, &leaf[int]{hash: 6, key: "z"}) // differs in the last bits only
	if keys, _ := contents(&trie[int]{root: near}, ""); !slices.Equal(keys, []string{"z", "a", "b", "c"}) {
		t.Errorf("got %v", keys)
	}
}

func TestHashesSpread(t *testing.T) {
	seen, buckets := map[uint64]bool{}, [64]int{}
	for i := range 64_000 {
		hash := hashOf(fmt.Sprintf("0198f6a2-7b1c-7e55-9f00-%012d", i))
		seen[hash] = true
		buckets[hash>>58]++
	}
	if len(seen) != 64_000 {
		t.Errorf("%d of 64000 hashes differ", len(seen))
	}
	if least, most := slices.Min(buckets[:]), slices.Max(buckets[:]); least < 850 || 1150 < most {
		t.Errorf("buckets hold from %d to %d names, want about 1000", least, most)
	}
}
