package outbox

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// Ways are how notices can leave; one that is not configured is nil, and what would
// go by it waits for a person.
type Ways struct {
	Mail     *Mailer
	Webhook  *Webhook
	HandOver *Folder
}

// None reports whether nothing can leave.
func (w Ways) None() bool { return len(w.systems()) == 0 }

// systems are the ways that are configured, together where one system outside takes
// what goes by them.
func (w Ways) systems() (systems [][]meibo.NoticeWay) {
	if w.Mail != nil {
		relay := []meibo.NoticeWay{meibo.WayMail}
		if w.Mail.opts.Encryption != nil {
			relay = append(relay, meibo.WayEncrypted)
		}
		systems = append(systems, relay)
	}
	if w.Webhook != nil {
		systems = append(systems, []meibo.NoticeWay{meibo.WayWebhook})
	}
	if w.HandOver != nil {
		systems = append(systems, []meibo.NoticeWay{meibo.WayHandOver})
	}
	return systems
}

// host is the name under which message ids are made.
func (w Ways) host() string {
	if w.Mail != nil {
		return w.Mail.host()
	}
	return "meibo.invalid"
}

// Problem says why the city cannot be told of a contract's rosters as the contract
// says; empty: it can. Mail without names may wait for a person, so that it needs no
// relay.
func (w Ways) Problem(c meibo.Contract) meibo.ProblemCode {
	switch c.Way() {
	case meibo.WayEncrypted:
		if w.Mail == nil || w.Mail.opts.Encryption == nil {
			return "WAY_NOT_CONFIGURED"
		}
		for _, to := range c.NoticeTo {
			if _, found := w.Mail.opts.Encryption.receiver(to, time.Time{}); !found {
				return "NO_CERTIFICATE"
			}
		}
	case meibo.WayWebhook:
		if w.Webhook == nil || !w.Webhook.knows(c.NoticeURL) {
			return "WAY_NOT_CONFIGURED"
		}
	case meibo.WayHandOver:
		if w.HandOver == nil {
			return "WAY_NOT_CONFIGURED"
		}
	}
	return ""
}

// A Folder is where packages are put for those who carry them.
type Folder struct{ path string }

// NewFolder refuses what is no folder, or one that others can look into: a package
// holds names, and is no encryption.
func NewFolder(path string) (*Folder, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open folder for packages: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: packages hold names: %s must be a folder that only its owner can read (chmod 700)", meibo.ErrInvalid, path)
	}
	return &Folder{path}, nil
}

// write puts a file there whole, or not at all.
func (f *Folder) write(file document.File) error {
	draft, err := os.CreateTemp(f.path, ".package-*") // readable by its owner only
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if _, err = draft.Write(file.Content); err == nil {
		err = draft.Sync()
	}
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(draft.Name(), filepath.Join(f.path, filepath.Base(file.Name)))
}
