package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
)

func TestARosterIsSealedOnceForEverybody(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		line := meibotest.Line("kasai")
		line.Name = "葛\U000E0101西 亮" // the built-in fonts have not this form
		done := c.Submit(c.Submitter, line)
		c.Approve(c.Approver, done)
		pledge := c.Pledged(done.Rows[0].PersonID)
		save := func(who meibo.Caller, format string) ledger.Proved {
			t.Helper()
			f, err := c.Ledger.RosterPaper(t.Context(), who, "C01", 0, format)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		if f := save(c.Receiver, "pdf"); f.Sealed.Code != "NO_SEAL" || f.Sealed.Hash != "" {
			t.Errorf("without a seal: %+v", f.Sealed)
		}
		authority := meibotest.Timestamps(t)
		authority.Stop()
		c.Options.Sealing.Sealer = sealer(t, seal.NewStamper(authority.URL))
		var err error
		if c.Options.Fonts, err = document.ReadFonts("/usr/share/fonts/truetype/bizud-mincho/BIZUDPMincho-Regular.ttf"); err != nil {
			t.Fatal(err)
		}
		c.Reopen()

		// two ask at once, one later, and one when there is no seal any more
		var all sync.WaitGroup
		var files [4]ledger.Proved
		for i, who := range []meibo.Caller{c.Submitter, c.Receiver} {
			all.Go(func() { files[i] = save(who, "pdf") })
		}
		all.Wait()
		authority.Resume()
		files[2] = save(c.Auditor, "pdf")
		change, part := save(c.Receiver, "change"), save(c.Sub, "pdf")
		c.Options.Sealing.Sealer = nil
		c.Reopen()
		files[3] = save(c.Receiver, "pdf")
		for i, f := range files {
			if f.Sealed.Code != "AUTHORITY_SILENT" || f.Sealed.Hash != meibo.HashText(string(f.Content)) || f.Sealed != files[0].Sealed {
				t.Errorf("file %d: %+v", i, f.Sealed)
			}
		}
		if !change.Sealed.Stamped || change.Sealed.Form != "change" || change.Name != "meibo-C01-v1-change.pdf" || change.Sealed.Hash == files[0].Sealed.Hash {
			t.Errorf("the change notice: %s %+v", change.Name, change.Sealed)
		}
		if part.Sealed.ReaderID != "S1" || part.Sealed.Hash == files[0].Sealed.Hash {
			t.Errorf("a subcontractor's copy: %+v", part.Sealed)
		}
		proof, err := meibo.Canonical(part.Proof)
		if err != nil {
			t.Fatal(err)
		}
		if v := c.Ledger.VerifyFile(part.Content, string(proof)); v.Proven == nil {
			t.Errorf("verdict %+v", v)
		}
		if _, _, err := c.Ledger.SealPledges(t.Context(), sealer(t, nil)); err != nil {
			t.Fatal(err)
		}
		signed, err := c.Ledger.PledgeFile(t.Context(), c.Submitter, pledge)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]ledger.Proved{"roster": files[0], "change notice": change, "subcontractor's copy": part, "pledge": signed} {
			if bytes.Contains(f.Content, []byte(`"record":`)) || !bytes.Contains(f.Content, []byte(`"leaf":`)) {
				t.Errorf("the %s shows what else its entry has written, in other contracts and of other companies", name)
			}
		}
		for name, content := range map[string][]byte{"roster": files[0].Content, "pledge": signed.Content} {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if list, err := exec.CommandContext(t.Context(), "pdffonts", path).Output(); err != nil || !bytes.Contains(list, []byte("BIZUDPMincho")) {
				t.Errorf("the %s is not drawn with the configured font: %v\n%s", name, err, list)
			}
		}

		// while others are drawn, what is kept is given all the same
		end := c.Ledger.Draw()
		save(c.Receiver, "pdf")
		soon, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer stop()
		if _, err := c.Ledger.RosterPaper(soon, c.Receiver, "C01", 1, "xlsx"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a third paper at one time: %v", err)
		}
		end()
		if f := save(c.Receiver, "json"); f.Sealed.Hash != "" || f.Sealed.Code != "" {
			t.Errorf("canonical JSON: %+v", f.Sealed)
		}
	})
}
