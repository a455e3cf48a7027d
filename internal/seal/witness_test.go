package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// A tree is a log in memory.
type tree struct {
	signer  *seal.Signer
	hashes  []tlog.Hash
	size    int64
	records []string
}

// ReadHashes reads hashes of the tree.
func (l *tree) ReadHashes(places []int64) ([]tlog.Hash, error) {
	var list []tlog.Hash
	for _, p := range places {
		list = append(list, l.hashes[p])
	}
	return list, nil
}

func (l *tree) add(t testing.TB, record string) {
	t.Helper()
	more, err := tlog.StoredHashes(l.size, []byte(record), l)
	if err != nil {
		t.Fatal(err)
	}
	l.hashes, l.size, l.records = append(l.hashes, more...), l.size+1, append(l.records, record)
}

func (l *tree) head(t testing.TB) string {
	t.Helper()
	root, err := tlog.TreeHash(l.size, l)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := l.signer.Sign(l.size, root)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (l *tree) since(t testing.TB, from int64) seal.Consistency {
	t.Helper()
	c := seal.Consistency{Format: seal.ConsistencyFormat, From: from, Checkpoint: l.head(t)}
	if from > 0 && from <= l.size {
		way, err := tlog.ProveTree(l.size, from, l)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range way {
			c.Way = append(c.Way, h.String())
		}
	}
	return c
}

// grown is a log of n entries; from entry rewritten on others, if that is not 0.
func grown(t testing.TB, s *seal.Signer, n, rewritten int) *tree {
	l := &tree{signer: s}
	for i := range n {
		record := fmt.Sprintf("entry %d", i)
		if rewritten > 0 && i >= rewritten {
			record += " rewritten"
		}
		l.add(t, record)
	}
	return l
}

func TestAWitnessFindsARewrittenLog(t *testing.T) {
	s, v := keys(t, log)
	seen, err := v.Follow(seal.Checkpoint{}, grown(t, s, 50, 0).since(t, 0))
	if err != nil || seen.Size != 50 {
		t.Fatalf("the first head: %+v, %v", seen, err)
	}
	for n := 50; n < 120; n++ {
		if head, err := v.Follow(seen, grown(t, s, n, 0).since(t, 50)); err != nil || head.Size != int64(n) {
			t.Errorf("grown to %d: %+v, %v", n, head, err)
		}
	}
	for rewritten := 1; rewritten < 50; rewritten++ {
		if _, err := v.Follow(seen, grown(t, s, 80, rewritten).since(t, 50)); !errors.Is(err, seal.ErrRewritten) {
			t.Errorf("rewritten from %d: %v", rewritten, err)
		}
	}
	if _, err := v.Follow(seen, grown(t, s, 50, 49).since(t, 50)); !errors.Is(err, seal.ErrRewritten) {
		t.Errorf("another log of the same size: %v", err)
	}
	short := grown(t, s, 40, 0).since(t, 40)
	short.From = 50
	if _, err := v.Follow(seen, short); !errors.Is(err, seal.ErrRewritten) {
		t.Errorf("gone back: %v", err)
	}
	other, _ := keys(t, log)
	if _, err := v.Follow(seen, grown(t, other, 60, 0).since(t, 50)); !errors.Is(err, seal.ErrUnverified) {
		t.Errorf("signed by another key: %v", err)
	}
	if _, err := v.Follow(seen, grown(t, s, 60, 0).since(t, 49)); !errors.Is(err, seal.ErrUnverified) {
		t.Errorf("a way from elsewhere: %v", err)
	}
}

func TestAWitnessSignsBesideTheLog(t *testing.T) {
	s, v := keys(t, log)
	secret, public, err := seal.NewKey("city.kakuu.example")
	if err != nil {
		t.Fatal(err)
	}
	head := grown(t, s, 5, 0).head(t)
	both, err := v.Cosign(head, secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.WitnessKey(public)
	if err != nil {
		t.Fatal(err)
	}
	at, err := v.Cosigned(both, key)
	if err != nil || time.Since(at) > time.Minute || time.Since(at) < -time.Minute {
		t.Errorf("co-signed at %s: %v", at, err)
	}
	if _, err := v.Cosigned(head, key); !errors.Is(err, seal.ErrUnverified) {
		t.Errorf("the log's signature alone: %v", err)
	}
	_, stranger, err := seal.NewKey("city.kakuu.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Cosigned(both, stranger); !errors.Is(err, seal.ErrUnverified) {
		t.Errorf("by another witness of the name: %v", err)
	}
	plain, err := seal.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plain.Open(both); err == nil {
		t.Error("a co-signature passes for a log's own signature")
	}
	cosignature(t, both, public)
	if _, err := v.Open(both); err != nil {
		t.Errorf("the log's own signature is lost: %v", err)
	}
}

// cosignature checks the last line by hand, as c2sp.org/tlog-cosignature tells it.
func cosignature(t *testing.T, both, public string) {
	t.Helper()
	body, _, _ := strings.Cut(both, "\n\n")
	lines := strings.Split(strings.TrimSpace(both), "\n")
	raw, err := base64.StdEncoding.DecodeString(lines[len(lines)-1][strings.LastIndex(lines[len(lines)-1], " ")+1:])
	if err != nil || len(raw) != 4+8+ed25519.SignatureSize {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.SplitN(public, "+", 3)[2]) // a key may hold a + of its own
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256(append([]byte("city.kakuu.example\n\x04"), key[1:]...))
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s\n", binary.BigEndian.Uint64(raw[4:12]), body)
	if !bytes.Equal(raw[:4], id[:4]) || !ed25519.Verify(key[1:], []byte(message), raw[12:]) {
		t.Errorf("no cosignature/v1:\n%s", both)
	}
}

func TestAProofProvesOnlyItsRow(t *testing.T) {
	s, v := keys(t, log)
	l := grown(t, s, 7, 0)
	const image = `{"hash":"abcd"}`
	commitment := meibo.HashText("salt\x00sealed_papers\x00p1\x00" + image)
	l.add(t, `{"seq":7,"at":"2026-10-15T00:00:00.000000Z","client":"meibo","act":"pledge.seal","rev":1,"rows":[{"table":"sealed_papers","key":"p1","hash":"`+commitment+`"}]}`)
	l.add(t, "later")
	way, err := tlog.ProveRecord(l.size, 7, l)
	if err != nil {
		t.Fatal(err)
	}
	good := meibo.Proof{
		Format: meibo.ProofFormat, Table: "sealed_papers", Key: "p1", Salt: "salt", Image: image, Entry: 7, Record: l.records[7], Size: l.size, Checkpoint: l.head(t),
	}
	for _, h := range way {
		good.Way = append(good.Way, h.String())
	}
	proven, err := seal.VerifyProof(good, v)
	if err != nil || proven.Row["hash"] != "abcd" || proven.Entry.Seq != 7 || proven.Head.Size != 9 {
		t.Fatalf("proven %+v, %v", proven, err)
	}
	for name, change := range map[string]func(*meibo.Proof){
		"another row":      func(p *meibo.Proof) { p.Image = `{"hash":"ffff"}` },
		"another key":      func(p *meibo.Proof) { p.Key = "p2" },
		"another salt":     func(p *meibo.Proof) { p.Salt = "pepper" },
		"another entry":    func(p *meibo.Proof) { p.Entry = 6 },
		"another record":   func(p *meibo.Proof) { p.Record = l.records[6] },
		"no way":           func(p *meibo.Proof) { p.Way = nil },
		"another size":     func(p *meibo.Proof) { p.Size = 8 },
		"a negative entry": func(p *meibo.Proof) { p.Entry = -1 },
		"a broken hash":    func(p *meibo.Proof) { p.Way = []string{"x"} },
		"another head":     func(p *meibo.Proof) { p.Checkpoint = grown(t, s, 9, 0).head(t) },
		"no head":          func(p *meibo.Proof) { p.Checkpoint = "" },
		"another form":     func(p *meibo.Proof) { p.Format = "meibo-proof-2" },
	} {
		bad := good
		change(&bad)
		if _, err := seal.VerifyProof(bad, v); !errors.Is(err, seal.ErrUnverified) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
