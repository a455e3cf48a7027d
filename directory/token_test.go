package directory_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/directory"
)

// rejected is why tokens were rejected.
func (b *book) rejected() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, n := range b.notices {
		var why *directory.TokenRejected
		if n.Kind == directory.NoticeRejected && errors.As(n.Err, &why) {
			all = append(all, why.Why)
		}
	}
	return all
}

// away changes people while nobody follows, spoils something, and demands that a follower that goes on then tells
// exactly what has changed.
func (m *maker) away(t *testing.T, b *book, first int, why string, spoil func()) {
	t.Helper()
	b.forget()
	m.modify(m.disable(first), m.remove(first+1), m.move(first+2), m.leave(first+3))
	spoil()
	f := m.follow(b)
	f.within(20*1e9, "all of them", func() bool { return len(f.told) >= 4 })
	f.untilRead()
	f.only(first, "0 restricted, 1 gone, 2 gone, 3 gone")
	f.until("a token", func() bool { return f.token != "" })
	f.stop()
	if got := b.rejected(); why == "" && len(got) > 0 || why != "" && !slices.Contains(got, why) {
		t.Errorf("rejected %q, want %q", got, why)
	}
}

// anew reads everybody and follows until there is a token.
func (m *maker) anew(t *testing.T) *book {
	b := newBook(t, m.know(m.source()))
	f := m.follow(b)
	f.untilNotice(directory.NoticeCurrent)
	f.until("a token", func() bool { return f.token != "" })
	f.stop()
	return b
}

func TestATokenThatIsNotGoodForTheServer(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 100)
	b := m.anew(t)
	m.away(t, b, 1, "", func() {})
	m.away(t, b, 5, "damaged", func() { b.token = b.token[:len(b.token)/2] })
	m.away(t, b, 9, "damaged", func() { b.token = "f" + b.token[1:] })
	m.away(t, b, 13, "damaged", func() { b.token = "\x00" })
	m.away(t, b, 17, "refused", func() {
		b.token = directory.Forge(b.token, func([]byte) []byte { return []byte("garbage") })
	})
	m.away(t, b, 45, "", func() { // the server takes it for no cookie at all, and says nothing of who is gone
		b.token = directory.Forge(b.token, func([]byte) []byte { return []byte("rid=000,csn=garbage") })
	})
	m.away(t, b, 21, "ahead", func() {
		b.token = directory.Forge(b.token, func(mark []byte) []byte { return []byte(strings.Replace(string(mark), "csn=2", "csn=3", 1)) })
	})
	m.away(t, b, 25, "", func() { // it remembers 1000 changes, but not beyond its own end
		if err := m.Restart(); err != nil {
			t.Fatal(err)
		}
	})
	m.away(t, b, 29, "configuration", func() { m.config.Attributes = []string{"cn"} })
	m.away(t, b, 33, "configuration", func() { m.config.Filter = "(&(objectClass=inetOrgPerson)(employeeType=staff)(uid=*))" })
	m.away(t, b, 37, "", func() { // more changes than it remembers
		var all []string
		for i := range 1100 {
			all = append(all, m.change(90, fmt.Sprintf("replace: description\ndescription: %d", i)))
		}
		m.modify(all...)
	})
	m.away(t, b, 41, "server", func() { // by another name, after one that does not answer
		m.config.URLs = append([]string{"ldap://127.0.0.1:1"}, strings.Replace(m.config.URLs[0], "127.0.0.1", "localhost", 1))
	})
}

func TestATokenOf389(t *testing.T) {
	t.Parallel()
	m := on389(t, 60)
	b := m.anew(t)
	m.away(t, b, 1, "", func() {})
	m.away(t, b, 5, "refused", func() {
		b.token = directory.Forge(b.token, func([]byte) []byte { return []byte("garbage") })
	})
	m.away(t, b, 9, "refused", func() { // of another server
		b.token = directory.Forge(b.token, func(mark []byte) []byte { return []byte("x" + string(mark)) })
	})
	m.away(t, b, 13, "ahead", func() {
		b.token = directory.Forge(b.token, func(mark []byte) []byte { return []byte(string(mark) + "999") })
	})
	m.away(t, b, 17, "", func() {
		m.Crash()
		if err := m.Restart(); err != nil {
			t.Fatal(err)
		}
	})
	m.away(t, b, 21, "trimmed", func() {
		m.trim()
		m.modify(m.change(50, "replace: description\ndescription: x"))
		if err := m.Restart(); err != nil { // until then it does not notice
			t.Fatal(err)
		}
	})
}

func TestATokenOfSamba(t *testing.T) {
	t.Parallel()
	m := onSamba(t, 60)
	b := m.anew(t)
	m.away(t, b, 1, "refused", func() {
		b.token = directory.Forge(b.token, func([]byte) []byte { return []byte("garbage") })
	})
	m.away(t, b, 5, "server", func() {
		b.token = directory.Forge(b.token, func(mark []byte) []byte { return append([]byte("00"), mark...) })
	})
	m.away(t, b, 9, "ahead", func() {
		b.token = directory.Forge(b.token, func(mark []byte) []byte { return append(mark, "999"...) })
	})
	m.config.BindDN, m.config.PasswordFile = m.admin()
	b = m.anew(t)
	m.away(t, b, 13, "", func() {})
	m.away(t, b, 17, "refused", func() {
		b.token = directory.Forge(b.token, func([]byte) []byte { return []byte("garbage") })
	})
	m.away(t, b, 21, "", func() { // what is left out is found by reading everybody
		b.token = directory.Forge(b.token, func(mark []byte) []byte {
			mark[len(mark)/2] ^= 0x10
			return mark
		})
	})
}
