package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// BeginSigning asks the person's passkeys for the consent to a pledge. hash is the
// SHA-256 of the text that the person is shown. Nothing is kept; the answer serves
// SignWithPasskey for PasskeyTime, once.
func (l *Ledger) BeginSigning(ctx context.Context, c meibo.Caller, id meibo.PledgeID, hash string) (PasskeyAsking, error) {
	p, _, keys, err := l.signerKeys(ctx, c, id)
	switch {
	case err != nil:
		return PasskeyAsking{}, wrap("begin signing", err)
	case p.TextHash != hash:
		return PasskeyAsking{}, meibo.Refuse(meibo.ErrConflict, "PLEDGE_TEXT_DIFFERS")
	case len(keys) == 0:
		return PasskeyAsking{}, meibo.Refuse(meibo.ErrConflict, "NO_PASSKEY")
	}
	return l.askPasskey(meibo.PasskeySigns, p, func(challenge []byte) ([]byte, error) {
		return l.passkeys.Request(challenge, keys)
	})
}

// SignWithPasskey records that the person signed with a passkey, whose answer to the
// challenge of BeginSigning proves that it is this person, that somebody was there and
// who, and that the consent is to this text. All of it is kept with the pledge, so
// that anybody can verify it. An answer serves once.
func (l *Ledger) SignWithPasskey(ctx context.Context, c meibo.Caller, key string, id meibo.PledgeID, hash, token string, answer []byte) (PledgeAnswer, error) {
	d := deed{c, meibo.ActSignPledge, key, []string{string(id), hash, token}}
	if before, done, err := answered[PledgeAnswer](ctx, l, d); done || err != nil {
		return l.hashed(ctx, before, err)
	}
	p, _, keys, err := l.signerKeys(ctx, c, id)
	if err != nil {
		return PledgeAnswer{}, wrap("sign pledge", err)
	}
	challenge, err := l.challenge(token, meibo.PasskeySigns, p)
	if err != nil {
		return PledgeAnswer{}, wrap("sign pledge", err)
	}
	k, err := answering(keys, answer)
	if err != nil {
		return PledgeAnswer{}, wrap("sign pledge", err)
	}
	evidence, counter, err := l.passkeys.Consented(challenge, answer, k)
	if err != nil {
		return PledgeAnswer{}, wrap("sign pledge", refusedPasskey(err))
	}
	signed, err := write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (PledgeAnswer, outcome, error) {
		person, _, err := l.owner(tx, c, p)
		if err != nil {
			return PledgeAnswer{}, outcome{}, err
		}
		used, err := l.countUse(tx, s, k.ID, person, counter)
		if err != nil {
			return PledgeAnswer{}, outcome{}, err
		}
		if _, err := l.challenge(token, meibo.PasskeySigns, p); err != nil { // it took long to get here
			return PledgeAnswer{}, outcome{}, err
		}
		return l.consented(tx, s, p, hash, evidence, used)
	})
	return l.hashed(ctx, signed, err)
}

// answering is the passkey that an answer says it is by, among a person's.
func answering(keys []meibo.Passkey, answer []byte) (meibo.Passkey, error) {
	credential, err := seal.CredentialOf(answer)
	i := slices.IndexFunc(keys, func(k meibo.Passkey) bool { return k.Credential == credential })
	if err != nil || i < 0 {
		return meibo.Passkey{}, meibo.Refuse(meibo.ErrForbidden, "PASSKEY_REFUSED")
	}
	return keys[i], nil
}

// countUse counts a signature on the passkey, as it is now.
func (l *Ledger) countUse(tx *store.Tx, s meibo.Scene, id meibo.PasskeyID, person meibo.Person, counter int64) (meibo.Passkey, error) {
	now, err := store.One[meibo.Passkey](&tx.Reader, id)
	if err == nil {
		err = now.Serves(person)
	}
	if err != nil {
		return now, err
	}
	return now.Used(counter, s.Now)
}

// consented writes the pledge with its evidence.
func (l *Ledger) consented(tx *store.Tx, s meibo.Scene, p meibo.Pledge, hash string, e meibo.PasskeyEvidence, k meibo.Passkey) (PledgeAnswer, outcome, error) {
	b, err := l.book(&tx.Reader, s.Caller, p.ContractID, verbSignPledge)
	if err != nil {
		return PledgeAnswer{}, outcome{}, err
	}
	e.Hash, e.VerifiedAt = p.TextHash, s.Now
	text, err := meibo.Canonical(e)
	if err != nil {
		return PledgeAnswer{}, outcome{}, err
	}
	_, errVerify := seal.VerifyConsent(string(text), string(p.Text)) // what is kept must convince others, too
	signed, err := b.SignBy(s, p.ID, meibo.SignedByPasskey, hash, string(text))
	if err := errors.Join(err, errVerify); err != nil {
		return PledgeAnswer{}, outcome{}, err
	}
	rows, err := settled(tx, b)
	subjects := []string{string(p.ID), string(p.PersonID), string(k.ID)}
	out := outcome{contract: p.ContractID, subjects: subjects, note: string(signed.State), rows: append(rows, k)}
	return PledgeAnswer{signed.ID, signed.State, signed.TextHash}, out, err
}
