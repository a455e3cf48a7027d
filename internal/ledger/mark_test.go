package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// behind changes the database without the ledger knowing.
func behind(t *testing.T, url, statement string) {
	t.Helper()
	driver := "sqlite"
	if strings.Contains(url, "://") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// TestADatabaseThatGoesBackSealsTheLedger takes an acknowledged revocation away, as
// the promotion of a lagging standby would.
func TestADatabaseThatGoesBackSealsTheLedger(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		person := c.Employed("e001")
		disabled := ledger.Finding{Changed: []meibo.Account{{Entry: "entryUUID:e001", State: meibo.AccountDisabled}}}
		if _, err := c.Reconcile(disabled); err != nil {
			t.Fatal(err)
		}
		wants(t, c.Check(person), "SUBJECT_DISABLED")
		behind(t, url, "UPDATE accounts SET state = 'enabled'")
		behind(t, url, "UPDATE meta SET rev = rev - 1")

		wants(t, c.Check(person), "STORE_UNAVAILABLE")
		if !c.Ledger.Sealed() || c.Ledger.Ping(t.Context()) == nil {
			t.Error("the ledger is not sealed")
		}
		_, err := c.Ledger.Submit(t.Context(), c.Submitter, c.Key(), []meibo.Line{meibotest.Line("e002")})
		refused(t, err, meibo.ErrBusy, "SEALED")

		c.Options.Sealing.Sealer = sealer(t, nil)
		c.Reopen() // a restart does not help
		wants(t, c.Check(person), "STORE_UNAVAILABLE")
		if f, err := c.Ledger.RosterPaper(t.Context(), c.Receiver, "C01", 1, "pdf"); err != nil || f.Sealed.Code != "LEDGER_SEALED" || f.Sealed.Hash != "" ||
			!strings.HasPrefix(string(f.Content), "%PDF-") {
			t.Errorf("a roster to read: %.8q %+v, %v", f.Content, f.Sealed, err)
		}
		city := meibo.Notice{Kind: meibo.NoticeRoster, OrganizationID: c.Receiver.Client.OrganizationID, ContractID: "C01", Version: 1}
		if _, err := c.Ledger.Enclosures(t.Context(), city); !errors.Is(err, ledger.ErrSealed) {
			t.Errorf("a roster to send: %v", err)
		}
		if err := c.Ledger.Close(); err != nil {
			t.Fatal(err)
		}
		epoch, revision, err := ledger.AcceptEpoch(context.Background(), c.Options)
		if err != nil || epoch == "" {
			t.Fatal(epoch, err)
		}
		c.Reopen()
		d := c.Check(person)
		if d.PrimaryCode == "STORE_UNAVAILABLE" || d.Revision != revision || d.Epoch != epoch {
			t.Errorf("after it was accepted: %s at revision %d of %s, accepted %d of %s", d.PrimaryCode, d.Revision, d.Epoch, revision, epoch)
		}
	})
}

func TestTheMarkIsThisLedgers(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.SQLite(t), nil)
	c.Employed("e001")
	if err := c.Ledger.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(c.Options.Mark)
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]string{
		"a lower number": strings.Replace(string(text), strings.Fields(string(text))[1], "1", 1), "nonsense": "x", "nothing": "",
	} {
		if err := os.WriteFile(c.Options.Mark, []byte(edit), 0o600); err != nil {
			t.Fatal(err)
		}
		if l, err := ledger.Open(t.Context(), c.Options); err == nil {
			l.Close()
			t.Errorf("%s was taken for a mark", name)
		}
	}
	if err := os.WriteFile(c.Options.Mark, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Reopen()
	if c.Ledger.Sealed() {
		t.Error("sealed by its own mark")
	}
}

// TestAnAnswerWaitsForItsMark: where the mark cannot be kept, nothing is allowed.
func TestAnAnswerWaitsForItsMark(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.SQLite(t), nil)
	person := c.Employed("e001")
	if err := os.RemoveAll(c.Options.Mark); err != nil {
		t.Fatal(err)
	}
	folder := strings.TrimSuffix(c.Options.Mark, "/high-water")
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	wants(t, c.Check(person), "ALLOW") // the mark has reached this revision already
	_, err := c.Ledger.Submit(t.Context(), c.Submitter, c.Key(), []meibo.Line{{Row: 1, Operation: meibo.Suspend, ContractID: "C01", PersonID: person, Reason: meibo.ReasonLeave}})
	if !errors.Is(err, meibo.ErrBusy) {
		t.Errorf("acknowledged without a mark: %v", err)
	}
	wants(t, c.Check(person), "STORE_UNAVAILABLE")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	wants(t, c.Check(person), "SUBJECT_ON_LEAVE")
}
