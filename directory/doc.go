// Package directory reads people from LDAP and says how they differ from those we know.
//
// It imports nothing of meibo: any Go program can use it. It reads; only a [Target] writes, the members of one group.
// One run:
//
//	Config ── Open ──► Source
//	                     │  connect: TLS, bind, root DSE, schema against filter
//	                     ▼
//	canaries, every page of every subtree, canaries ──► Objects, Completeness
//	                     │
//	                     ▼
//	one look-up for each known person who was not shown ──► Confirmations
//	                     │
//	                     ▼
//	Compare (pure): Known, Observation, Limits ──► Plan: what to apply now, what is held, and why
//
// [Sync] is that run. A [Follower] keeps such a picture true as the directory changes, in the best way that the server
// offers: its batches go to [Decide], and the caller stores what that says together with the batch's token.
//
//	OpenLDAP        content synchronization: each change as it happens
//	389-ds          the same as a hint: what it tells of is read again by its id
//	Active Directory, Samba   DirSync or update sequence numbers
//	any other       everybody, again and again
//
// A [HoldSet] is what is too much to be believed, for a person to confirm. A [Target] is a group that is kept what it
// should be, and [Source.Group] one that is read. [Source.Probe] tells at set-up what a server can do and what is wrong with the configuration,
// [Source.Find] and [Source.Lookup] read single people, and [Source.Authenticate] tries a password.
//
// What holds of it:
//
//   - Absence is not evidence. A misspelt filter, a lost right to read and a stripped control all look like success
//     with nobody in it. So [Source.Snapshot] returns an error or a proof, never a quiet half, and only an id that a
//     complete snapshot did not show and a look-up did not find is gone, within the [Limits].
//   - Presence is not evidence of enabled. A hidden lock looks like none. A [State] says unknown where it is not known,
//     and nothing is lifted without canaries, an enabled and a disabled entry whose state is read with everybody's.
//   - What an entry says against an account is evidence, and holds at once.
//   - Every failure that gives no information is one type, [*Incomplete], with a short [Code]. No LDAP error means that
//     a person is gone.
//   - An entry that is unfit to be read stops one person, not the run. Its size, and that of any message, is bounded
//     before it is decoded.
//   - Nothing waits without end: connecting, a server's silence and the whole have a limit each; a context ends all.
//   - No referral is followed and no alias dereferenced. No server is believed that does not prove its name by TLS 1.2
//     or later, except on this machine. A password is neither kept nor logged; an error's text names no person.
//   - People are told apart by [ID] alone. DN, login, mail and name are attributes; values are kept byte for byte.
//
// Who reads proves itself by a password, or by SASL EXTERNAL: a client certificate, or the socket. There is no GSSAPI
// (Kerberos). Its one library in Go that needs no C, gokrb5, was released last in February 2023, brings a fork of
// encoding/asn1 and five more modules along, and asks key distribution centres without a context. And go-ldap's client
// on top of it binds neither the TLS channel nor signs: the Active Directories that insist on Kerberos refuse just that.
package directory
