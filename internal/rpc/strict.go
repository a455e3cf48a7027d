package rpc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Two parsers that read one text differently are how a check is passed by. So a
// body is refused unless every parser must read it alike.
const (
	maxBody  = 1 << 20
	maxDepth = 32
	maxNames = 200
)

// A malformed body, with what is wrong with it. It speaks of places, not of
// what stands there.
type malformed struct {
	status int
	what   string
}

func (m *malformed) Error() string { return m.what }

// strictBody reads the body of a request: at most limit bytes of application/json,
// one object in valid UTF-8, without duplicate names (nor such as differ only in
// case), without NUL, nothing after it, and neither deep nor wide beyond the
// limits. The error is *malformed.
func strictBody(r *http.Request, limit int64) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, said := params["charset"]
	if err != nil || kind != "application/json" || said && !strings.EqualFold(charset, "utf-8") {
		return nil, &malformed{http.StatusUnsupportedMediaType, "Content-Type: application/json is required"}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, &malformed{http.StatusBadRequest, "the body could not be read"}
	}
	if int64(len(body)) > limit {
		return nil, &malformed{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", limit)}
	}
	if err := strictObject(body); err != nil {
		return nil, &malformed{http.StatusBadRequest, err.Error()}
	}
	return body, nil
}

// strictObject checks that text is exactly one JSON object that no two parsers
// can read differently.
func strictObject(text []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if d.PeekKind() != '{' {
		return errors.New("the body is not a JSON object")
	}
	names := []map[string]bool{}
	for {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the body is not valid JSON at byte %d", d.InputOffset())
		}
		switch token.Kind() {
		case '{', '[':
			if d.StackDepth() > maxDepth {
				return fmt.Errorf("the body is nested deeper than %d levels", maxDepth)
			}
			names = append(names, map[string]bool{})
		case '}', ']':
			names = names[:len(names)-1]
			if len(names) == 0 {
				return nothingAfter(d)
			}
		case '"':
			if err := strictString(d, token.String(), names[len(names)-1]); err != nil {
				return err
			}
		}
	}
}

func nothingAfter(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the body goes on after its object at byte %d", d.InputOffset())
	}
	return nil
}

// strictString checks a string; names are those seen in the object around it.
func strictString(d *jsontext.Decoder, s string, names map[string]bool) error {
	if strings.ContainsRune(s, 0) {
		return fmt.Errorf("the body holds NUL at byte %d", d.InputOffset())
	}
	if kind, n := d.StackIndex(d.StackDepth()); kind != '{' || n%2 == 0 {
		return nil // a value
	}
	folded := strings.ToLower(s)
	if names[folded] {
		return fmt.Errorf("the body names a member twice at byte %d", d.InputOffset())
	}
	names[folded] = true
	if len(names) > maxNames {
		return fmt.Errorf("an object of the body has more than %d members", maxNames)
	}
	return nil
}
