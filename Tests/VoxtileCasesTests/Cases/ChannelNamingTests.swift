import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("Names that say channels")
struct ChannelNamingTests {
  private func cases(_ naming: ChannelNaming, _ names: [String]) throws -> (names: [String], guess: String?) {
    let (cases, guess) = try naming.cases(of: names.map { NamedImage(name: $0, path: "\($0).nii") })
    return (cases.map { "\($0.name): \($0.images.joined(separator: " "))" }, guess)
  }

  private static let four = ["a_0000", "a_0001", "b_0000", "b_0001"]
  private static let two = ["a: a_0000.nii a_0001.nii", "b: b_0000.nii b_0001.nii"]

  @Test("nnU-Net's names are channels where the network takes as many, and that is said")
  func numbered() throws {
    for naming in [ChannelNaming.automatic(channels: 2), .automatic(channels: nil)] {
      let found = try cases(naming, Self.four.shuffled())
      #expect(found.names == Self.two)
      #expect(found.guess?.contains("_0000 to _0001") == true && found.guess?.contains("2 channels") == true)
    }
    let given = try cases(.numbered, Self.four)
    #expect(given.names == Self.two && given.guess == nil)
    let one = try cases(.automatic(channels: 1), ["a_0000", "b_0000"])
    #expect(one.names == ["a: a_0000.nii", "b: b_0000.nii"])
    #expect(one.guess?.contains("only channel") == true)
  }

  @Test("scans that are numbered themselves are scans of one channel")
  func numberedScans() throws {
    let names = (0..<200).map { "scan_" + String(String(10_000 + $0).dropFirst()) }
    let found = try cases(.automatic(channels: 1), names)
    #expect(found.names.count == 200 && found.names[7] == "scan_0007: scan_0007.nii" && found.guess == nil)
    // Where nobody knows what the network takes, one group is no proof.
    #expect(try cases(.automatic(channels: nil), names).names.count == 200)
    #expect(try cases(.automatic(channels: 200), names).names.count == 1)
  }

  @Test("other names are a scan each")
  func others() throws {
    for channels in [nil, 1, 2] {
      #expect(try cases(.automatic(channels: channels), ["a", "b_000", "_0000"]).names.count == 3)
    }
    #expect(try cases(.single, Self.four).names.count == 4)
  }

  @Test("a channel that is missing, too many or there twice is named with its scan")
  func faults() {
    expectRefusal(.invalidOption, "'b'", "1 of 2", "b_0001") {
      _ = try cases(.automatic(channels: 2), ["a_0000", "a_0001", "b_0000"])
    }
    expectRefusal(.invalidOption, "'b'", "b_0001") {
      _ = try cases(.numbered, ["a_0000", "a_0001", "b_0000"])
    }
    expectRefusal(.invalidOption, "'a'", "channel 2") {
      _ = try cases(.automatic(channels: 2), ["a_0000", "a_0001", "a_0002"])
    }
    expectRefusal(.invalidOption, "mask.nii", "_0000, _0001") {
      _ = try cases(.automatic(channels: 2), Self.four + ["mask"])
    }
    expectRefusal(.invalidOption, "both channel 1", "'a'") {
      _ = try cases(.numbered, Self.four + ["a_0001"])
    }
  }

  @Test("endings say the channels in the order given; of two that fit, the longer one counts")
  func endings() throws {
    let names = ["x_flair", "x_t1", "x_t1ce", "y_t1ce", "y_t1", "y_flair"]
    let found = try cases(.endings(["_t1", "_t1ce", "_flair"]), names)
    #expect(
      found.names == ["x: x_t1.nii x_t1ce.nii x_flair.nii", "y: y_t1.nii y_t1ce.nii y_flair.nii"])
    #expect(try cases(.endings(["ce", "_t1ce"]), ["x_t1ce", "xce"]).names == ["x: xce.nii x_t1ce.nii"])
    expectRefusal(.invalidOption, "x_t2") { _ = try cases(.endings(["_t1", "_t2"]), ["x_t1"]) }
    expectRefusal(.invalidOption, "z.nii", "_t1, _t2") { _ = try cases(.endings(["_t1", "_t2"]), ["z"]) }
  }
}
