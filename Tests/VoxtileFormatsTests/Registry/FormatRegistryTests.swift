import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("FormatRegistry")
struct FormatRegistryTests {
  @Test("the longest ending counts, in any case; an unknown one is none")
  func endings() {
    let registry = FormatRegistry.standard
    #expect(registry.ending(of: "a/b.nii.gz") == "nii.gz" && registry.ending(of: "B.IMG.GZ") == "img.gz")
    #expect(registry.ending(of: "a.gz") == nil && registry.ending(of: "nii") == nil)
    #expect(
      registry.format(forName: "a.PNG")?.name == "png" && registry.format(named: "nifti")?.title == "NIfTI")
    #expect(registry.patchEndings.starts(with: ["nii.gz", "nii"]) && registry.patchEndings.contains("png"))
    #expect(!registry.patchEndings.contains("hdr"))
  }

  @Test("patches of a pair are single files; those of an unknown name have the first ending")
  func patchEndings() {
    let registry = FormatRegistry.standard
    #expect(["a.hdr", "a.img.gz", "a.nii"].map(registry.patchEnding) == ["nii", "nii", "nii"])
    #expect(["a.nii.gz", "a.png", "a"].map(registry.patchEnding) == ["nii.gz", "png", "nii.gz"])
    #expect(["a.jpg", "a.mgz"].map(registry.patchEnding) == ["png", "nii.gz"])
  }

  @Test("only a name that promises cheap boxes is random access")
  func access() {
    let cheap = ["a.nii", "a.hdr", "a.IMG", ".nii"]
    let dear = ["a.nii.gz", "a.hdr.gz", "a.png", "a.txt", ""]
    #expect(cheap.allSatisfy(FormatRegistry.standard.isRandomAccess))
    #expect(!dear.contains(where: FormatRegistry.standard.isRandomAccess))
  }

  @Test("an app's own format is read, written and keeps the contract", arguments: FormatContract.Law.allCases)
  func own(law: FormatContract.Law) throws {
    var registry = FormatRegistry.standard
    try registry.register(ToyFormat.self)
    #expect(
      registry.formats.count == FormatRegistry.standard.formats.count + 1 && registry.endings.last == "toy")
    try FormatContract(ToyFormat.self, in: registry).check(law)
  }

  @Test("a format that breaks a law is found out, and by that law alone")
  func broken() throws {
    let faults: [(any ImageFormat.Type, Set<FormatContract.Law>)] = [
      (FillingToy.self, [.prefixes, .declaredSize]), (HastyToy.self, [.wholeOrAbsent]),
      (ShiftingToy.self, [.boxes]),
    ]
    for (format, expected) in faults {
      var registry = FormatRegistry.standard
      try registry.register(format)
      let contract = FormatContract(format, in: registry)
      let broken = FormatContract.Law.allCases.filter { law in
        do { try contract.check(law) } catch { return error is FormatContract.Violation }
        return false
      }
      #expect(Set(broken) == expected, "\(format)")
    }
  }

  @Test("a name or an ending that is taken is refused, and nothing changes")
  func taken() throws {
    var registry = FormatRegistry.standard
    let name = #expect(throws: VoxtileError.self) { try registry.register(PNGFormat.self) }
    #expect(name?.code == .invalidOption && name?.message.contains("'png'") == true)
    let ending = #expect(throws: VoxtileError.self) { try registry.register(GreedyFormat.self) }
    #expect(ending?.code == .invalidOption && ending?.message.contains(".nii.gz of format 'greedy'") == true)
    #expect(registry.formats.count == FormatRegistry.standard.formats.count)
  }

  @Test("what is not there, a folder, an empty file and a text each say what they are")
  func refusals() throws {
    try withTemporaryFolder { folder in
      try writeFile([], to: "\(folder)/empty")
      try writeFile(Array("text".utf8), to: "\(folder)/text")
      for (name, code, words) in [
        ("missing", VoxtileError.Code.fileAccess, "cannot be opened"),
        ("", .fileAccess, "is not a regular file"), ("empty", .unsupportedFormat, "is empty"),
        ("text", .unsupportedFormat, "is not an image in a format that is read here (.nii.gz, "),
      ] {
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/\(name)") }
        #expect(error?.code == code && error?.message.contains(words) == true, "\(name)")
        #expect(error?.context.file == "\(folder)/\(name)")
      }
    }
  }

  @Test("a probe sees the first bytes, what is inside a folder and what lies beside a file")
  func probe() throws {
    try withTemporaryFolder { folder in
      try writeFile([UInt8](repeating: 7, count: 5000), to: "\(folder)/a")
      let (probe, inside) = (FormatProbe("\(folder)/a"), FormatProbe(folder).member("a"))
      #expect(probe.kind == .file && probe.prefix == [UInt8](repeating: 7, count: 4096))
      #expect(inside.path == probe.path && inside.prefix == probe.prefix)
      #expect(FormatProbe(folder).kind == .folder && FormatProbe(folder).prefix.isEmpty)
      #expect(probe.neighbor("b").kind == .missing && probe.neighbor("a").kind == .file)
    }
  }
}

/// A format that wants an ending of another one.
private enum GreedyFormat: ImageFormat {
  static let name = "greedy"
  static let endings = ["greedy", "nii.gz"]
  static func recognizes(_ probe: FormatProbe) -> Bool { false }
  static func open(_ probe: FormatProbe) throws -> any VolumeReader { try PNGFormat.open(probe) }
  static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    try PNGFormat.create(path, info: info, options: options)
  }
}
