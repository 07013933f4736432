import Testing

@testable import VoxtileCLI

@Suite("Progress")
struct ProgressBarTests {
  private func line(_ done: Int, seconds: Double, memory: Int? = 50 << 20, width: Int = 80) -> String {
    ProgressBar.line(
      "crop", done, of: 100, after: .seconds(seconds), memory: memory, on: Terminal(-1, width: width))
  }

  @Test("the line says what is done, how fast, what is left, and the memory")
  func words() {
    #expect(
      line(25, seconds: 10) == "crop [######..................] 25/100 patches, 2.5/s, 30 s left, 50 MiB")
    #expect(
      line(100, seconds: 8, memory: nil)
        == "crop [\(String(repeating: "#", count: 24))] 100/100 patches, 12.5/s, 0 s left")
    #expect(line(1, seconds: 4).contains("1/100 patches, 0.3/s, 6 min 36 s left"))
    #expect(line(2, seconds: 240).contains("3 h 16 min left"))
    #expect(line(0, seconds: 2).hasSuffix("] 0/100 patches, 50 MiB"))
  }

  @Test("the line is shorter than the terminal is wide", arguments: 20...90)
  func width(width: Int) {
    for done in [0, 1, 99, 100] {
      let line = line(done, seconds: 7.7, width: width)
      #expect(line.count < width && line.hasPrefix("crop "))
    }
  }
}
