package directory

import (
	"context"
	"slices"

	"github.com/go-ldap/ldap/v3"
)

// maxPassword bounds a password in bytes.
const maxPassword = 4096

// Authenticate tells whether the password is that of the person with the id. The entry is looked up by the service
// account; it must be exactly one person, whose account is enabled. Then the password is tried by a bind on a
// connection of its own to the same server, and the entry is looked up again, so that nobody who has taken over the DN
// in between passes for the person. An account that is locked for a time is left to the server, which alone knows
// whether the time is over.
//
// ErrCredentials says that the password is refused, or the person is not there, not enabled or not unique: it does not
// say which, and nothing in its text does. An empty password is refused before anything is sent, since servers take a
// bind with one for an anonymous one. Every other error is an [*Incomplete] and says nothing about the password. The
// password is neither kept nor part of an error.
func (s *Source) Authenticate(ctx context.Context, id ID, password string) error {
	if password == "" || len(password) > maxPassword || !id.valid() || id.Kind != s.config.IDKind {
		return ErrCredentials
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Whole)
	defer cancel()
	c, v, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	person, err := c.onePerson(ctx, v, id)
	if err != nil {
		return err
	}
	if err := s.tryBind(ctx, c.url, person.DN, password); err != nil {
		return err
	}
	again, err := c.onePerson(ctx, v, id)
	if err == nil && again.DN != person.DN {
		err = ErrCredentials
	}
	return err
}

// onePerson looks up the one person with the id who may log in.
func (c *session) onePerson(ctx context.Context, v view, id ID) (Object, error) {
	all, err := c.byID(ctx, v, id)
	if err != nil {
		return Object{}, err
	}
	if len(all) != 1 || all[0].DN == "" {
		return Object{}, ErrCredentials
	}
	if state := all[0].Status.State; state != Enabled && state != LockedTemporarily {
		return Object{}, ErrCredentials
	}
	return all[0], nil
}

// refusals are the results by which servers refuse a bind for what is wrong with the account or its password.
var refusals = []uint16{
	ldap.LDAPResultInvalidCredentials,
	ldap.LDAPResultInappropriateAuthentication, // there is no password
	ldap.LDAPResultConstraintViolation,         // 389-ds: too many tries
	ldap.LDAPResultUnwillingToPerform,          // 389-ds: inactivated
	ldap.LDAPResultNoSuchObject,
}

// tryBind binds on a fresh connection and drops it.
func (s *Source) tryBind(ctx context.Context, url, dn, password string) error {
	c, err := s.connectTo(ctx, url)
	if err != nil {
		return err
	}
	defer c.close()
	doing := "try a password at " + url
	err = c.bind(ctx, dn, password, doing)
	if cause := canceled(ctx, doing); cause != nil {
		return cause
	}
	if result, ok := resultCode(err); ok && slices.Contains(refusals, result) {
		return ErrCredentials
	}
	return err
}
