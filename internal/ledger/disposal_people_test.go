package ledger_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// called is a line for somebody whose every name is told apart.
func called(login string) meibo.Line {
	l := meibotest.Line(login)
	l.Name, l.Kana, l.Latin, l.Alias, l.FormerName = meibo.Personal("髙﨑-"+login), meibo.Personal("タカサキ"), meibo.Personal("Latin-"+login), meibo.Personal("通称-"+login), meibo.Personal("旧氏-"+login)
	return l
}

// disposalCity is a city with contract C01, on which e001 and e002 have worked, with
// everything in which somebody's name stands, and C05, on which e002 works two years
// longer.
func disposalCity(t *testing.T, url string) (c *meibotest.City, first, second meibo.PersonID) {
	t.Helper()
	directory := directoryOf()
	directory.Authenticate = func(context.Context, string, string) error { return nil }
	c = meibotest.NewCity(t, url, directory, func(m *meibo.Master) {
		m.Contracts[0].Responsible, m.Contracts[0].Supervisor = "責任者-C01", "監督者-C01"
		longer := m.Contracts[0]
		longer.ID, longer.Ends, longer.Responsible, longer.Supervisor = "C05", "2029-03-31", "責任者-C05", "監督者-C05"
		m.Contracts = append(m.Contracts, longer)
	})
	pack := packed(t, c, called("e001"), called("e002"))
	c.Options.Passkeys = party
	c.Reopen()
	done, err := c.Ledger.SubmitPackage(t.Context(), c.Submitter, c.Key(), pack)
	if err != nil {
		t.Fatal(err)
	}
	c.Approve(c.Approver, done)
	first, second = done.Rows[0].PersonID, done.Rows[1].PersonID
	d := newDevice(t, c)
	d.key.ID = []byte("credential of e001")
	if _, err := d.register(c.OpenPledge(first), "secret"); err != nil {
		t.Fatal(err)
	}
	c.Pledged(first)
	c.Pledged(second)
	c.Notify()
	further := meibo.Line{Operation: meibo.Add, ContractID: "C05", PersonID: second, EmployerID: "K1", Employment: meibo.Regular, AssetID: "A01", Action: "view",
		Purpose: "U.TAX.RES.ASSESS", Starts: "2026-10-15", Ends: "2029-03-31"}
	c.Approve(c.Approver, c.Submit(c.Submitter, further))
	wish := meibo.Line{Operation: meibo.Add, ContractID: "C01", PersonID: first, AssetID: "A11", Action: "view", Purpose: "U.TAX.RES.ASSESS", Starts: "2026-10-15", Ends: "2027-03-31"}
	turned := c.Submit(c.Submitter, wish)
	_, err1 := c.Ledger.Reject(t.Context(), c.Approver, c.Key(), turned.Changes[0].ID, "却下-e001さん")
	v, err2 := c.Ledger.Roster(t.Context(), c.Receiver, "C01", 0)
	_, err3 := c.Ledger.Return(t.Context(), c.Receiver, c.Key(), "C01", v.Roster.Version, v.Roster.Hash, first, "差戻し-e001さん")
	_, err4 := c.Ledger.RosterPaper(t.Context(), c.Receiver, "C01", 0, string(document.PaperPDF))
	_, _, err5 := c.Ledger.SealPledges(t.Context(), c.Options.Sealing.Sealer)
	_, err6 := c.Ledger.Register(t.Context(), c.Operator, c.Key(), ledger.Registration{Client: "k1-1", Name: "端末-e001さん", Organization: "K1", Person: first, Days: 30})
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	return c, first, second
}

// packed seals lines as K1 does outside of a closed network, and has the city seal
// papers and believe K1.
func packed(t *testing.T, c *meibotest.City, lines ...meibo.Line) []byte {
	t.Helper()
	authority, err := seal.NewAuthority("root", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	identity, err1 := authority.Issue("K1", time.Now())
	sealer, err2 := seal.NewSealer(identity, nil)
	root, _, err3 := authority.PEM()
	for i := range lines {
		lines[i].Row = i + 1
	}
	about := `{"format":"` + ledger.PackedChangesFormat + `","organization":"K1","file":"changes.csv"}`
	done, err4 := sealer.SealPackage(t.Context(), []seal.Part{
		{Name: ledger.PackedChangesFile, MediaType: "application/json", Content: []byte(about)},
		{Name: "changes.csv", MediaType: "text/csv", Content: document.WriteChanges(lines)},
	})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	c.Options.Sealing = ledger.Sealing{Sealer: sealer, Changes: map[meibo.OrganizationID]*x509.CertPool{"K1": roots}}
	return done.Content
}

// said is everything that the database says, now and in the past, opened with its keys.
func said(t *testing.T, c *meibotest.City, url string) string {
	t.Helper()
	c.Ledger.Close()
	defer c.Reopen()
	db, err := store.Open(t.Context(), store.Options{URL: url, Now: c.Clock.Now, ReadOnly: true, DataKey: c.Options.Secrets.Data})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all strings.Builder
	err = db.View(t.Context(), func(r *store.Reader) error {
		last, err := r.LastEntry(meibo.Forever)
		errs := []error{err}
		for seq := range last + 1 {
			errs = append(errs, past[meibo.Person](r, seq, &all), past[meibo.Account](r, seq, &all), past[meibo.Change](r, seq, &all),
				past[meibo.Line](r, seq, &all), past[meibo.Roster](r, seq, &all), past[meibo.Acknowledgement](r, seq, &all), past[meibo.Contract](r, seq, &all),
				past[meibo.Pledge](r, seq, &all), past[meibo.Passkey](r, seq, &all), past[meibo.Request](r, seq, &all), past[meibo.Notice](r, seq, &all),
				past[meibo.Client](r, seq, &all))
		}
		clients, _, _, err := r.Clients()
		errs = append(errs, err)
		fmt.Fprintf(&all, "%+v", clients)
		for _, id := range []meibo.ContractID{"C01", "C05"} {
			b, err1 := r.Book(id)
			lines, err2 := r.ChangeLines(id)
			errs = append(errs, err1, err2)
			fmt.Fprintf(&all, "%+v %+v", b, lines)
			for v := 1; err1 == nil && v <= len(b.Rosters.All()); v++ {
				roster, err := r.Roster(id, v)
				errs = append(errs, err)
				fmt.Fprintf(&all, "%+v", roster)
			}
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func past[R any](r *store.Reader, seq int64, into *strings.Builder) error {
	rows, err := store.Past[R](r, seq)
	fmt.Fprintf(into, "%+v", rows)
	return err
}

// only fails where a text has other than the words that it should.
func only(t *testing.T, when, text string, there, gone []string) {
	t.Helper()
	for _, w := range there {
		if !strings.Contains(text, w) {
			t.Errorf("%s: %s is not there", when, w)
		}
	}
	for _, w := range gone {
		if strings.Contains(text, w) {
			t.Errorf("%s: %s is still there", when, w)
		}
	}
}

func TestWhoNeedNotBeKnownAnyMoreIsForgotten(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c, first, second := disposalCity(t, url)
		asked := c.Check(first)
		ofFirst := []string{"髙﨑-e001", "Latin-e001", "通称-e001", "旧氏-e001", "entryUUID:e001", base64.RawURLEncoding.EncodeToString([]byte("credential of e001")), "却下-e001さん", "差戻し-e001さん", "責任者-C01", "監督者-C01", "端末-e001さん"}
		ofSecond := []string{"髙﨑-e002", "Latin-e002", "entryUUID:e002", "責任者-C05"}
		only(t, "before", said(t, c, url), append(ofFirst, ofSecond...), nil)
		if all, left := contentOf(t, c, url); left != all || all != 6 { // a package, two papers and two pledges, a roster
			t.Errorf("before: %d of %d documents say something", left, all)
		}

		c.Clock.At(t, "2037-03-31 23:59:59.999")
		_, err := c.Ledger.ProposeDisposal(t.Context(), c.Receiver, c.Key(), "C01")
		turnedDown(t, "on the last day", err, "NOTHING_TO_DISPOSE")
		c.Clock.At(t, "2037-04-01 00:00:00.000")
		d, err := c.Ledger.ProposeDisposal(t.Context(), c.Receiver, c.Key(), "C01")
		if err != nil || d.Pledges != 2 || d.People != 1 || d.Papers < 4 {
			t.Fatalf("proposed %+v, %v", d, err)
		}
		held, err := c.Ledger.OpenHold(t.Context(), c.Receiver, c.Key(), meibo.Hold{Kind: meibo.HoldLegal, PersonID: first, ContractID: "C01"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Ledger.DecideDisposal(t.Context(), c.CityApprover, c.Key(), d.ID, true)
		turnedDown(t, "of evidence", err, "STILL_TO_BE_KEPT")
		if _, err := c.Ledger.LiftHold(t.Context(), c.CityApprover, c.Key(), held.Hold); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Ledger.DecideDisposal(t.Context(), c.CityApprover, c.Key(), d.ID, true); err != nil {
			t.Fatal(err)
		}

		only(t, "after", said(t, c, url), append(ofSecond, string(first)), ofFirst)
		if _, left := contentOf(t, c, url); left != 0 { // C05 has no papers yet
			t.Errorf("%d documents say something", left)
		}
		found, err := ledger.Verify(t.Context(), url, c.Options.Secrets.LogPublic, c.Options.Secrets.Data, c.Clock.Now, nil)
		if err != nil || found.Forgotten < 20 {
			t.Errorf("verified %+v, %v", found, err)
		}
		told(t, c, first, ofFirst)
		kept, _, err := c.Ledger.Decision(t.Context(), c.Auditor, asked.ID)
		if err != nil || !strings.Contains(fmt.Sprintf("%+v", kept), string(first)) {
			t.Errorf("the decision says %+v, %v", kept, err)
		}
		if got := c.Check(first); got.Allowed {
			t.Errorf("who is forgotten is allowed: %+v", got)
		}
		if again, err := c.Ledger.ProposeDisposal(t.Context(), c.Receiver, c.Key(), "C01"); err == nil {
			t.Errorf("again: %+v", again)
		}
		c.Clock.At(t, "2039-04-01 00:00:00.000")
		d, err = c.Ledger.ProposeDisposal(t.Context(), c.Receiver, c.Key(), "C05")
		if err != nil || d.People != 1 {
			t.Fatalf("proposed of C05 %+v, %v", d, err)
		}
		if _, err := c.Ledger.DecideDisposal(t.Context(), c.CityApprover, c.Key(), d.ID, true); err != nil {
			t.Fatal(err)
		}
		only(t, "at last", said(t, c, url), []string{string(first), string(second)}, append(ofFirst, ofSecond...))
		goesOn(t, c, url)
	})
}

// goesOn: a contract that is extended after all has a roster again, which can be read.
func goesOn(t *testing.T, c *meibotest.City, url string) {
	t.Helper()
	m, err := c.Ledger.Master(t.Context(), c.Operator)
	if err != nil {
		t.Fatal(err)
	}
	m.Contracts[0].Ends = "2040-03-31"
	c.Apply(meibo.Master{Contracts: m.Contracts[:1]})
	line := called("e003")
	line.Starts, line.Ends = "2039-04-01", "2040-03-31"
	c.Prove()
	c.Approve(c.Approver, c.Submit(c.Submitter, line))
	f, err := c.Ledger.RosterPaper(t.Context(), c.Receiver, "C01", 0, string(document.PaperJSON))
	if err != nil || !strings.Contains(string(f.Content), "髙﨑-e003") {
		t.Errorf("a version after the disposal: %s, %v", f.Content, err)
	}
	if _, err := ledger.Verify(t.Context(), url, c.Options.Secrets.LogPublic, c.Options.Secrets.Data, c.Clock.Now, nil); err != nil {
		t.Error(err)
	}
}

// told fails where the reading API still says one of the words, or says nothing at all.
func told(t *testing.T, c *meibotest.City, first meibo.PersonID, gone []string) {
	t.Helper()
	_, err := c.Ledger.Roster(t.Context(), c.Receiver, "C01", 1)
	turnedDown(t, "a roster", err, "ROSTER_DISPOSED")
	_, err = c.Ledger.RosterPaper(t.Context(), c.Receiver, "C01", 1, string(document.PaperPDF))
	turnedDown(t, "its paper", err, "ROSTER_DISPOSED")
	rosters, err1 := c.Ledger.Rosters(t.Context(), c.Receiver, "C01")
	changes, err2 := c.Ledger.Changes(t.Context(), c.Auditor, "C01")
	var views []ledger.ChangeView
	for _, ch := range changes {
		v, err := c.Ledger.Change(t.Context(), c.Auditor, ch.ID)
		views, err2 = append(views, v), errors.Join(err2, err)
	}
	pledges, err3 := c.Ledger.Pledges(t.Context(), c.Auditor, "C01")
	master, err4 := c.Ledger.Master(t.Context(), c.Operator)
	if err := errors.Join(err1, err2, err3, err4); err != nil || len(rosters) == 0 || len(views) < 2 {
		t.Fatal(len(rosters), len(views), err)
	}
	only(t, "the API", fmt.Sprintf("%+v %+v %+v %+v %+v", rosters, changes, views, pledges, master), []string{string(first)}, gone)
}
