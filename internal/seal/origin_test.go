package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// originIn is the origin of a paper of roster 2 of C01, which entry 7 of a log has
// written.
func originIn(t testing.TB, l *tree) *meibo.Origin {
	t.Helper()
	l.add(t, `{"seq":7,"at":"2026-10-15T00:00:00.000000Z","client":"meibo","act":"change.approve","rev":1,"rows":[{"table":"rosters","key":"C01/2","hash":"aa"}]}`)
	l.add(t, "later")
	way, err := tlog.ProveRecord(l.size, 7, l)
	if err != nil {
		t.Fatal(err)
	}
	p := meibo.Proof{Table: "rosters", Key: "C01/2", Salt: "salt", Image: "{}", Entry: 7, Record: l.records[7], Size: l.size, Checkpoint: l.head(t)}
	for _, h := range way {
		p.Way = append(p.Way, h.String())
	}
	o := p.Origin("abcd")
	return &o
}

func TestASealedPaperSaysWhereItComesFrom(t *testing.T) {
	s, v := keys(t, log)
	_, others := keys(t, log)
	n := newNotary(t, false)
	good := originIn(t, grown(t, s, 7, 0))
	file, path := n.sealedOf(t, good)
	if saved := run(t, "pdfdetach", "-list", path); !bytes.Contains([]byte(saved), []byte("meibo-origin.json")) {
		t.Errorf("readers list no attachment: %s", saved)
	}
	run(t, "qpdf", "--check", path)
	f := seal.VerifyFile(file.Content, "", n.trust, v)
	if f.State != seal.Intact || f.Origin == nil || f.Origin.Hash != "abcd" || f.Written == nil || f.Written.Entry.Act != meibo.ActApprove || !f.Written.Shown || f.Written.Head.Size != 9 {
		t.Errorf("verdict %+v", f)
	}
	if f := seal.VerifyFile(file.Content, "", n.trust, nil); f.State != seal.Intact || f.Origin == nil || f.Written != nil {
		t.Errorf("without the log's key: verdict %+v", f)
	}
	if f := seal.VerifyFile(file.Content, "", n.trust, others); f.State != seal.Unknown || f.Code != "ORIGIN_UNPROVEN" || f.Origin != nil || f.Written != nil {
		t.Errorf("by another log's key: verdict %+v", f)
	}
	if f := seal.VerifyFile(file.Content, "", seal.Trust{}, v); f.State != seal.Unknown || f.Origin != nil {
		t.Errorf("sealed by nobody known: verdict %+v", f)
	}
	brief := good.Brief()
	if file, _ = n.sealedOf(t, &brief); bytes.Contains(file.Content, []byte("change.approve")) {
		t.Error("a brief origin shows the entry")
	}
	f = seal.VerifyFile(file.Content, "", n.trust, v)
	if f.State != seal.Intact || f.Origin == nil || f.Origin.Hash != "abcd" || f.Written == nil || f.Written.Entry.Seq != 7 || f.Written.Shown || f.Written.Head.Size != 9 {
		t.Errorf("brief: verdict %+v", f)
	}
	for name, change := range map[string]func(*meibo.Origin){
		"of another leaf":    func(o *meibo.Origin) { *o = o.Brief(); o.Leaf = o.Way[0] },
		"of no leaf":         func(o *meibo.Origin) { o.Record = "" },
		"brief, elsewhere":   func(o *meibo.Origin) { *o = o.Brief(); o.Entry = 6 },
		"of another row":     func(o *meibo.Origin) { o.Key = "C01/3" },
		"by another entry":   func(o *meibo.Origin) { o.Entry = 6 },
		"by no way":          func(o *meibo.Origin) { o.Way = nil },
		"twice in one paper": func(o *meibo.Origin) { o.Record = `{"format":"meibo-origin-1",` },
	} {
		bad := *good
		change(&bad)
		file, _ := n.sealedOf(t, &bad)
		if f := seal.VerifyFile(file.Content, "", n.trust, v); f.State != seal.Unknown || f.Code != "ORIGIN_UNPROVEN" {
			t.Errorf("%s: verdict %+v", name, f)
		}
	}
	if _, err := seal.VerifyProof(meibo.Proof{Format: meibo.OriginFormat}, v); !errors.Is(err, seal.ErrUnverified) {
		t.Errorf("an origin is taken for a proof: %v", err)
	}
}

// sealedOf is a paper with an origin after it was sealed, and its path.
func (n *notary) sealedOf(t testing.TB, o *meibo.Origin) (seal.Sealed, string) {
	t.Helper()
	return n.sealedAs(t, seal.Paper{PDF: pledge(t), Reason: "従事者名簿の交付", Origin: o})
}

// TestNoTextIsTakenForAPartOfThePaper: what people are called, or agree to, may look like
// parts of a PDF; the paper verifies all the same, and says it as it is.
func TestNoTextIsTakenForAPartOfThePaper(t *testing.T) {
	s, v := keys(t, log)
	n := newNotary(t, false)
	origin := originIn(t, grown(t, s, 7, 0)).Brief()
	for _, words := range []string{
		"/ByteRange", "/ByteRange[0 1 2 3] ", "/M(D:20261015000000+09'00')/Name<", "/Contents<00>", "{\"format\":\"meibo-origin-1\",", "{\"format\":\"meibo-consent-1\",",
		"\nendstream\nendobj\n1 0 obj\n<</Type/Catalog>>\nendobj\nxref\n0 0\n\trailer\n<<>>\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n", "ETSI.CAdES.detached Adobe.PPKLite",
		`\u002fByteRange \\/ByteRange \obj \trailer`, "&#47;ByteRange]]>-->",
	} {
		text := meibo.Personal("誓約書 " + words + "\n" + words + "\n")
		d := document.Pledge{Pledge: meibo.Pledge{ID: "p1", PersonID: "e1", ContractID: "C01", Way: meibo.SignedByPasskey, Text: text, TextHash: meibo.HashText(string(text)), SignedOn: "2026-10-15"}}
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		paper := seal.Paper{PDF: pdf, Reason: words, Origin: &origin, Consent: &meibo.ConsentFile{Format: meibo.ConsentFormat, Text: string(text), Evidence: words}}
		file, err := n.sealer.SealPDF(t.Context(), paper)
		if err != nil {
			t.Errorf("%q: %v", words, err)
			continue
		}
		if v := seal.VerifyPDF(file.Content, n.trust); v.State != seal.Intact || v.SignedAt.IsZero() {
			t.Errorf("%q: verdict %+v", words, v)
		}
		paper.Consent = nil // this one is nobody's
		file, path := n.sealedAs(t, paper)
		if f := seal.VerifyFile(file.Content, "", n.trust, v); f.State != seal.Intact || f.Origin == nil || f.Written == nil {
			t.Errorf("%q: verdict %+v", words, f)
		}
		run(t, "qpdf", "--check", path)
		if words == "/ByteRange" && !strings.Contains(run(t, "pdfinfo", "-meta", path), "誓約書 &#47;ByteRange<") {
			t.Error("the title is another")
		}
	}
}
