package ledger

import (
	"cmp"
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A login is whom a line names: a login of an organization.
type login struct {
	organization meibo.OrganizationID
	text         meibo.Personal
}

// name finds out whom lines name by login. With a directory exactly one entry
// below the organization's base must answer, and that entry is the identity;
// without one, the login is.
func (l *Ledger) name(ctx context.Context, c meibo.Caller, lines []meibo.Line) (map[int]meibo.Named, error) {
	bases, err := l.bases(ctx)
	if err != nil {
		return nil, err
	}
	named := map[int]meibo.Named{}
	known := map[login]meibo.Named{}
	for _, line := range lines {
		if line.PersonID != "" || line.Login == "" || meibo.TextProblem(string(line.Login)) != "" {
			continue
		}
		who := login{cmp.Or(line.EmployerID, c.Client.OrganizationID), line.Login}
		n, asked := known[who]
		if !asked {
			if n, err = l.nameOne(ctx, who, bases[who.organization]); err != nil {
				return nil, err
			}
			known[who] = n
		}
		named[line.Row] = n
	}
	return named, nil
}

func (l *Ledger) bases(ctx context.Context) (map[meibo.OrganizationID]string, error) {
	bases := map[meibo.OrganizationID]string{}
	err := l.db.View(ctx, func(r *store.Reader) error {
		m, err := r.Organizations()
		for _, o := range m {
			bases[o.ID] = o.DirectoryBase
		}
		return err
	})
	return bases, wrap("name people", err)
}

// Employers are the organizations whose people are in the directory.
func (l *Ledger) Employers(ctx context.Context) ([]meibo.Organization, error) {
	var list []meibo.Organization
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		list, err = employers(r)
		return err
	})
	return list, wrap("name people", err)
}

func (l *Ledger) nameOne(ctx context.Context, who login, base string) (meibo.Named, error) {
	n := meibo.Named{LoginKey: l.secrets.loginKey(who.organization, who.text)}
	if l.directory != nil {
		account, problem := l.find(ctx, base, string(who.text))
		if problem != "" {
			n.Problem = problem
			return n, nil
		}
		n.Account = &account
	}
	err := l.db.View(ctx, func(r *store.Reader) error { return l.known(r, &n) })
	return n, wrap("name people", err)
}

// find asks the directory for the one account that a login names.
func (l *Ledger) find(ctx context.Context, base, login string) (meibo.Account, meibo.ProblemCode) {
	if base == "" {
		return meibo.Account{}, "LOGIN_NOT_FOUND"
	}
	accounts, err := l.directory.Find(ctx, base, login)
	switch {
	case err != nil:
		return meibo.Account{}, "DIRECTORY_UNAVAILABLE"
	case len(accounts) == 0:
		return meibo.Account{}, "LOGIN_NOT_FOUND"
	case len(accounts) > 1:
		return meibo.Account{}, "LOGIN_AMBIGUOUS"
	}
	return accounts[0], ""
}

// known finds the person that the ledger has for a login. An entry that is bound
// to somebody is that person; a login whose person is bound to another entry was
// given to somebody new, and cannot be used until the directory says that its
// former holder has left.
func (l *Ledger) known(r *store.Reader, n *meibo.Named) error {
	byLogin, err := r.PersonByLogin(n.LoginKey)
	if err != nil {
		return err
	}
	if n.Account == nil {
		if byLogin != nil {
			n.PersonID = byLogin.ID
		}
		return nil
	}
	bound, err := r.AccountByEntry(n.Account.Entry)
	if err != nil {
		return err
	}
	switch {
	case bound != nil:
		n.PersonID = bound.PersonID
	case byLogin != nil:
		held, err := r.Account(byLogin.ID)
		if err != nil {
			return err
		}
		if held != nil {
			n.Problem = "LOGIN_TAKEN"
			return nil
		}
		n.PersonID = byLogin.ID // known since before there was a directory
	}
	return nil
}
