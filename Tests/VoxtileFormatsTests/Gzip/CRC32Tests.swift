import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("CRC32")
struct CRC32Tests {
  @Test("the check value of the standard")
  func checkValue() {
    let sum = Array("123456789".utf8).withUnsafeBytes { CRC32($0) }
    #expect(sum.value == 0xCBF4_3926)
  }

  @Test("sums of parts join to the sum of the whole")
  func append() {
    let bytes = gzipSample(3000)
    let whole = bytes.withUnsafeBytes { CRC32($0) }
    for cut in [0, 1, 7, 1024, 2999, 3000] {
      var sum = bytes[..<cut].withUnsafeBytes { CRC32($0) }
      sum.append(bytes[cut...].withUnsafeBytes { CRC32($0) })
      #expect(sum == whole, "cut at \(cut)")
    }
  }
}
