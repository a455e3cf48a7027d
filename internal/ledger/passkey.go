package ledger

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// A PasskeyAsking is what a page asks an authenticator.
type PasskeyAsking struct {
	Options   string // JSON, for navigator.credentials
	Token     string // to be given back with the answer
	ExpiresAt meibo.Instant
}

// A PasskeyAnswer is an answer to RegisterPasskey and RevokePasskey.
type PasskeyAnswer struct {
	ID meibo.PasskeyID `json:"id"`
}

// BeginPasskey asks for a passkey of the person who is to sign a pledge. Nothing is
// kept; the answer serves RegisterPasskey for PasskeyTime.
func (l *Ledger) BeginPasskey(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (PasskeyAsking, error) {
	p, _, keys, err := l.signerKeys(ctx, c, id)
	if err != nil {
		return PasskeyAsking{}, wrap("begin passkey", err)
	}
	return l.askPasskey(meibo.PasskeyRegisters, p, func(challenge []byte) ([]byte, error) {
		return l.passkeys.Creation(challenge, p.PersonID, keys)
	})
}

// RegisterPasskey ties a passkey to the person who is to sign a pledge. The password
// proves in this call, by a bind to the directory, that it is this person; it is
// neither kept nor logged. A credential that was ever registered is refused.
func (l *Ledger) RegisterPasskey(ctx context.Context, c meibo.Caller, key string, id meibo.PledgeID, token string, answer []byte, password string) (PasskeyAnswer, error) {
	d := deed{c, meibo.ActRegisterPasskey, key, []string{string(id), token}}
	if answer, done, err := answered[PasskeyAnswer](ctx, l, d); done || err != nil {
		return answer, err
	}
	p, account, _, err := l.signerKeys(ctx, c, id)
	if err != nil {
		return PasskeyAnswer{}, wrap("register passkey", err)
	}
	challenge, err := l.challenge(token, meibo.PasskeyRegisters, p)
	if err != nil {
		return PasskeyAnswer{}, wrap("register passkey", err)
	}
	if err := l.proveIdentity(ctx, account, password); err != nil {
		return PasskeyAnswer{}, wrap("register passkey", err)
	}
	k, err := l.passkeys.Registered(meibo.ChallengeBytes(challenge), answer)
	if err != nil {
		return PasskeyAnswer{}, wrap("register passkey", refusedPasskey(err))
	}
	k.PersonID, k.Entry, k.CredentialKey = p.PersonID, account.Entry, l.secrets.hash("passkey", k.Credential)
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (PasskeyAnswer, outcome, error) {
		person, keys, err := l.owner(tx, c, p)
		if err != nil {
			return PasskeyAnswer{}, outcome{}, err
		}
		taken, err := tx.PasskeyTaken(k.CredentialKey)
		switch {
		case err != nil:
			return PasskeyAnswer{}, outcome{}, err
		case taken:
			return PasskeyAnswer{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "PASSKEY_TAKEN")
		case len(meibo.Serving(keys, person)) >= meibo.MaxPasskeys:
			return PasskeyAnswer{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "TOO_MANY_PASSKEYS")
		}
		if _, err := l.challenge(token, meibo.PasskeyRegisters, p); err != nil { // the directory took long
			return PasskeyAnswer{}, outcome{}, err
		}
		k.ID, k.RegisteredBy, k.CreatedAt = meibo.PasskeyID(s.NewID()), c.Client.ID, s.Now
		return PasskeyAnswer{k.ID}, outcome{subjects: []string{string(k.ID), string(k.PersonID)}, rows: []any{k}}, nil
	})
}

// owner reads, in a transaction, whose pledge it is, as things stand now.
func (l *Ledger) owner(tx *store.Tx, c meibo.Caller, p meibo.Pledge) (meibo.Person, []meibo.Passkey, error) {
	if _, err := l.book(&tx.Reader, c, p.ContractID, verbSignPledge); err != nil {
		return meibo.Person{}, nil, err
	}
	person, err1 := store.One[meibo.Person](&tx.Reader, p.PersonID)
	account, err2 := tx.Account(p.PersonID)
	keys, err3 := tx.PasskeysOf(p.PersonID)
	if err := errors.Join(err1, err2, err3); err != nil {
		return person, nil, err
	}
	if !person.DepartedAt.IsZero() || account == nil || account.State != meibo.AccountEnabled {
		return person, nil, meibo.Refuse(meibo.ErrForbidden, "CREDENTIALS_REFUSED")
	}
	return person, keys, nil
}

// signerKeys finds a pledge, the account of the person who is to sign it, and the
// person's passkeys that serve.
func (l *Ledger) signerKeys(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (p meibo.Pledge, a meibo.Account, keys []meibo.Passkey, err error) {
	if l.passkeys.Off() {
		return p, a, nil, meibo.Refuse(meibo.ErrConflict, "PASSKEYS_OFF")
	}
	if p, a, err = l.signer(ctx, c, id); err != nil {
		return p, a, nil, err
	}
	if p.State != meibo.PledgeRequested {
		return p, a, nil, meibo.Refuse(meibo.ErrConflict, "PLEDGE_NOT_OPEN")
	}
	err = l.db.View(ctx, func(r *store.Reader) error {
		person, err := store.One[meibo.Person](r, p.PersonID)
		if err != nil {
			return err
		}
		all, err := r.PasskeysOf(p.PersonID)
		keys = meibo.Serving(all, person)
		return err
	})
	return p, a, keys, err
}

// askPasskey makes a challenge for a pledge and signs it, so that nothing need be kept
// until it is answered.
func (l *Ledger) askPasskey(use meibo.PasskeyUse, p meibo.Pledge, options func(challenge []byte) ([]byte, error)) (PasskeyAsking, error) {
	c := meibo.ChallengeOf(use, p, random(32), l.Now())
	text, err := meibo.Canonical(c)
	if err != nil {
		return PasskeyAsking{}, err
	}
	asked, err := options(meibo.ChallengeBytes(string(text)))
	token := base64.RawURLEncoding.EncodeToString(text) + "." + l.secrets.hash("challenge", string(text))
	return PasskeyAsking{Options: string(asked), Token: token, ExpiresAt: c.ExpiresAt}, err
}

// challenge reads a token that askPasskey made for this use and this pledge, and that
// has not expired. Any other is refused.
func (l *Ledger) challenge(token string, use meibo.PasskeyUse, p meibo.Pledge) (string, error) {
	text, mac, _ := strings.Cut(token, ".")
	challenge, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !hmac.Equal([]byte(mac), []byte(l.secrets.hash("challenge", string(challenge)))) {
		return "", meibo.Refuse(meibo.ErrForbidden, "PASSKEY_REFUSED")
	}
	var c meibo.PasskeyChallenge
	if err := json.Unmarshal(challenge, &c); err != nil {
		return "", meibo.Refuse(meibo.ErrForbidden, "PASSKEY_REFUSED")
	}
	return string(challenge), c.Fits(use, p, l.Now())
}

// refusedPasskey is what a caller is told of an answer that does not verify.
func refusedPasskey(err error) error {
	if errors.Is(err, seal.ErrUnverifiedUser) {
		return meibo.Refuse(meibo.ErrForbidden, "PASSKEY_UNVERIFIED")
	}
	return meibo.Refuse(meibo.ErrForbidden, "PASSKEY_REFUSED")
}

// Passkeys lists the passkeys of a person of the caller's organization, the revoked
// ones, too. ended reports that the person has left, and with him all of them. The
// auditors of the city see everybody's.
func (l *Ledger) Passkeys(ctx context.Context, c meibo.Caller, person meibo.PersonID) (keys []meibo.Passkey, ended bool, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		p, err := l.own(r, c, person, verbReadPledge)
		if err != nil {
			return err
		}
		ended = !p.DepartedAt.IsZero()
		keys, err = r.PasskeysOf(person)
		return err
	})
	return keys, ended, wrap("list passkeys", err)
}

// own finds a person of the caller's organization, or, for the city, anybody.
func (l *Ledger) own(r *store.Reader, c meibo.Caller, person meibo.PersonID, verb string) (meibo.Person, error) {
	if err := l.mayAnywhere(c, verb); err != nil {
		return meibo.Person{}, err
	}
	p, err := store.One[meibo.Person](r, person)
	if err != nil {
		return p, err
	}
	city, err := r.City()
	if err == nil && p.OrganizationID != c.Client.OrganizationID && c.Client.OrganizationID != city.ID {
		err = meibo.ErrNotFound
	}
	return p, err
}

// RevokePasskey ends a passkey: nothing is signed with it any more. What was signed
// before stays. It is for those who have people of their organization sign, and for
// the operator.
func (l *Ledger) RevokePasskey(ctx context.Context, c meibo.Caller, key string, id meibo.PasskeyID) (PasskeyAnswer, error) {
	d := deed{c, meibo.ActRevokePasskey, key, id}
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (PasskeyAnswer, outcome, error) {
		errOperator := l.mayAnywhere(c, verbRevokeKey)
		if errOperator != nil {
			if err := l.mayAnywhere(c, verbSignPledge); err != nil {
				return PasskeyAnswer{}, outcome{}, err
			}
		}
		k, err := store.One[meibo.Passkey](&tx.Reader, id)
		if err != nil {
			return PasskeyAnswer{}, outcome{}, err
		}
		if errOperator != nil {
			if _, err := l.own(&tx.Reader, c, k.PersonID, verbSignPledge); err != nil {
				return PasskeyAnswer{}, outcome{}, err
			}
		}
		if k, err = k.Revoked(s); err != nil {
			return PasskeyAnswer{}, outcome{}, err
		}
		return PasskeyAnswer{k.ID}, outcome{subjects: []string{string(k.ID), string(k.PersonID)}, rows: []any{k}}, nil
	})
}
