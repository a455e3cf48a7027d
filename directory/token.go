package directory

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Token says up to where a directory was followed. It is a text that can be kept anywhere, holds no secret, and is good
// for one server, one configuration and one mode only: everything that decides what a server's cookie means is bound to
// it. The empty token is the beginning.
type Token string

// TokenRejected says that a token was not gone on from: everybody is read anew, under guard. It is no failure.
type TokenRejected struct {
	Why string // damaged, mode, server, configuration, refused, ahead or trimmed
}

func (e *TokenRejected) Error() string { return "token rejected: " + e.Why }

// The reasons to reject a token.
const (
	tokenDamaged       = "damaged"       // it is not what was handed out
	tokenMode          = "mode"          // it is of another way of following
	tokenServer        = "server"        // it is of another server
	tokenConfiguration = "configuration" // the bases, the filter, the attributes or the account have changed
	tokenRefused       = "refused"       // the server does not know its cookie any more
	tokenAhead         = "ahead"         // the server is older than its cookie: restored, or lagging behind
	tokenTrimmed       = "trimmed"       // the server has forgotten the changes since
)

// marks are what a token holds: for each subtree how far the server has told.
type marks map[string][]byte

// binding is what a token is good for.
type binding struct {
	Mode          Mode   `json:"mode"`
	Server        string `json:"server"`
	Configuration string `json:"configuration"`
}

type tokenBody struct {
	binding
	Marks marks `json:"marks"`
}

// token writes the marks down.
func (b binding) token(m marks) Token {
	if len(m) == 0 {
		return ""
	}
	body, err := json.Marshal(tokenBody{b, m})
	if err != nil {
		panic(err) // there is nothing in it that could not be written
	}
	return Token(base64.RawURLEncoding.EncodeToString(body) + "." + checksum(body))
}

// marks reads a token. An empty one is no mark, and no error.
func (b binding) marks(t Token) (marks, error) {
	if t == "" {
		return nil, nil
	}
	text, sum, _ := strings.Cut(string(t), ".")
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || checksum(body) != sum {
		return nil, &TokenRejected{tokenDamaged}
	}
	var held tokenBody
	if err := json.Unmarshal(body, &held); err != nil {
		return nil, &TokenRejected{tokenDamaged}
	}
	switch {
	case held.Mode != b.Mode:
		return nil, &TokenRejected{tokenMode}
	case held.Server != b.Server:
		return nil, &TokenRejected{tokenServer}
	case held.Configuration != b.Configuration:
		return nil, &TokenRejected{tokenConfiguration}
	}
	return held.Marks, nil
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// fingerprint is a short name of what the texts say together.
func fingerprint(texts ...string) string {
	return checksum([]byte(fmt.Sprintf("%q", texts)))
}

// configuration is what of the configuration decides what a cookie means.
func (v view) configuration() string {
	ask := slices.Sorted(slices.Values(v.ask))
	texts := slices.Concat([]string{v.Filter, v.identity(), fmt.Sprint(v.External), string(v.IDKind)}, v.subtrees(), []string{"attributes"}, ask)
	return fingerprint(texts...)
}
