import Testing
import Voxtile

@Suite("Text from files, printed")
struct StringPrintableTests {
  @Test("characters that a terminal would obey are escaped, all others stay")
  func escapes() {
    #expect("Gehirn_ÄÖ 脑 🧠.nii".printable == "Gehirn_ÄÖ 脑 🧠.nii")
    #expect("a\u{1B}[31mred\u{7F}\u{9B}".printable == #"a\x1B[31mred\x7F\x9B"#)
    #expect("a\nb\r\n\tc\0".printable == #"a\nb\r\n\tc\x00"#)
    #expect("gpj.\u{202E}nii\u{2028}".printable == #"gpj.\u{202E}nii\u{2028}"#)
  }

  @Test("JSON has escapes of its own")
  func json() {
    #expect("{\n\"a\": \"\u{7F}\u{9B}\u{202E}\"\n}".printableJSON == "{\n\"a\": \"\\u007F\\u009B\\u202E\"\n}")
  }

  @Test("text of several lines keeps its lines")
  func lines() {
    #expect("one\ntwo\u{8}".printableLines == "one\ntwo\\x08")
  }
}
