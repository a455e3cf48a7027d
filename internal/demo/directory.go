package demo

// A Directory is the city's directory server: a [Slapd], or a [Tree] where none is
// installed.
type Directory struct {
	URL, Suffix, BindDN, PasswordFile string

	Modify func(ldif string) error // as its administrator
	Stop   func()
}

// Directory is the server as the city knows it.
func (s *Slapd) Directory() *Directory {
	return &Directory{s.URL, s.Suffix, s.BindDN, s.PasswordFile, s.Modify, s.Stop}
}

// Directory is the server as the city knows it.
func (t *Tree) Directory() *Directory {
	return &Directory{t.URL, t.Suffix, t.BindDN, t.PasswordFile, t.Modify, t.Stop}
}
