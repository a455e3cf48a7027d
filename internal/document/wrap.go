package document

import (
	"strings"
	"unicode"
)

// Characters that may not begin a line, and those that may not end one (禁則).
const (
	notFirst = "、。，．・：；？！）］｝」』】〉》〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}〜"
	notLast  = "（［｛「『【〈《〔([{"
)

// wrap breaks text into lines of at most width. Japanese breaks between any two
// characters that 禁則 lets part, Latin words and numbers stay whole where they fit
// into a line.
func (p *pen) wrap(s string, size, width float64) [][]glyph {
	var lines [][]glyph
	for paragraph := range strings.SplitSeq(s, "\n") {
		rest := p.glyphs(paragraph)
		for len(rest) > 0 {
			n := p.fits(rest, size, width)
			lines = append(lines, rest[:n])
			rest = rest[n:]
		}
		if paragraph == "" {
			lines = append(lines, nil)
		}
	}
	return lines
}

// fits is how many glyphs make the next line: at least one.
func (p *pen) fits(rest []glyph, size, width float64) int {
	n, used := 0, 0.0
	for n < len(rest) {
		used += rest[n].width * size
		if used > width && n > 0 {
			break
		}
		n++
	}
	if n == len(rest) {
		return n
	}
	for i := n; i > max(1, n-40); i-- {
		if mayPart(rest[i-1].first, rest[i].first) {
			return i
		}
	}
	return n
}

// mayPart reports whether a line may end after a and go on with b.
func mayPart(a, b rune) bool {
	if strings.ContainsRune(notFirst, b) || strings.ContainsRune(notLast, a) {
		return false
	}
	return !word(a) || !word(b)
}

func word(r rune) bool {
	return r < 0x250 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.@/", r))
}
