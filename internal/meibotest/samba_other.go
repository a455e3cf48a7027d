//go:build !linux

package meibotest

import "testing"

// Samba is an Active Directory domain controller of the test's own.
type Samba struct {
	URL, Suffix, BindDN, PasswordFile, AdminDN, AdminFile string
}

// StartSamba fails the test: the domain controller needs a network of its own,
// which only Linux has.
func StartSamba(t testing.TB, _ ...string) *Samba {
	t.Helper()
	t.Fatal("this test runs a real Samba domain controller, which needs Linux")
	return nil
}

func (s *Samba) Modify(string) error { return nil }
func (s *Samba) Pause() error        { return nil }
func (s *Samba) Resume() error       { return nil }
func (s *Samba) Crash()              {}
func (s *Samba) Restart() error      { return nil }
func (s *Samba) Expunge() error      { return nil }
func (s *Samba) Stop()               {}
