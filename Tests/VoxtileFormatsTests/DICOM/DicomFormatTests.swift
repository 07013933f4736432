import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// What the tests of DICOM share.
enum DicomFixtures {
  static let hasConverter = OtherProgram.isThere("dcm2niix")
  static let python = OtherProgram.python(with: "nibabel, SimpleITK")

  static func folder(_ name: String) throws -> String { try Fixture.url("dicom/\(name)").path }

  static func open(_ path: String, seriesNumber: Int? = nil) throws -> any VolumeReader {
    var registry = FormatRegistry.standard
    registry.openOptions.seriesNumber = seriesNumber
    return try registry.open(path)
  }

  /// The message of the error that opening gives.
  static func message(_ path: String, seriesNumber: Int? = nil) -> String {
    let error = #expect(throws: VoxtileError.self) { try open(path, seriesNumber: seriesNumber) }
    #expect(error?.context.file == path)
    return error.map { $0.description } ?? ""
  }
}

@Suite("DICOM series", .enabled(if: DicomFixtures.hasConverter, "needs dcm2niix"))
struct DicomFormatTests {
  @Test(
    "voxels lie where SimpleITK puts them, and have its values",
    .enabled(if: DicomFixtures.python != nil, "needs a Python with nibabel and SimpleITK"),
    arguments: ["even", "straight"])
  func place(name: String) throws {
    let python = try #require(DicomFixtures.python)
    let folder = try DicomFixtures.folder(name)
    let script = try Fixture.url("check_dicom.py").path
    for path in [folder, folder + "/", "\(folder)/IM\(name == "even" ? 4 : 5)002"] {
      try withTemporaryFolder { output in
        let reader = try DicomFixtures.open(path)
        #expect(reader.info.extent == Extent(width: 12, height: 10, depth: 5) && reader.isRandomAccess)
        #expect(reader.info.scalarType == (name == "even" ? .uint16 : .int16) && reader.info.notes.isEmpty)
        #expect(reader.info.scaling == VolumeInfo.Scaling(slope: 1, intercept: -1024))
        #expect(reader.info.metadata.place == .world)
        let real: Volume<Float> = try reader.readReal()
        try real.write(to: "\(output)/a.nii")
        let result = try OtherProgram.run(python, [script, folder, "\(output)/a.nii"])
        let words = result.output.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(words.count == 3 && words[0] == "600" && words[2] == "0", "\(path): \(result.output)")
        #expect(Double(words[1]) ?? 1 < 1e-5, "\(path): \(result.output)")
      }
    }
  }

  @Test("boxes are boxes of the whole, and no scratch folder stays, not even after an error")
  func boxesAndScratch() throws {
    func left() -> [String] {
      folderEntries(ScratchFile.parentFolder, limit: .max).filter { $0.hasPrefix(".dicom-test") }
    }
    let reader = try DicomFixtures.open(try DicomFixtures.folder("even"))
    let whole: Volume<UInt16> = try reader.read()
    let box = Region(x: 3..<9, y: 2..<7, z: 1..<4)
    #expect(try reader.read(box, as: UInt16.self).voxels == whole[box].voxels)
    let path: String
    do {
      let scratch = try ScratchFolder(for: "dicom-test")
      path = scratch.path
      try writeFile([1], to: "\(path)/a")
      try FileManager.default.createDirectory(atPath: "\(path)/b/c", withIntermediateDirectories: true)
      #expect(scratch.names() == ["a", "b"] && left().count == 1)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    // What a killed run has left is removed by the next one.
    let abandoned = "\(ScratchFile.parentFolder)/\(TemporaryName.new(for: "dicom-test"))"
    try FileManager.default.createDirectory(atPath: "\(abandoned)/d", withIntermediateDirectories: true)
    do {
      let scratch = try ScratchFolder(for: "dicom-test")
      #expect(left() == [scratch.path.fileName])
    }
    #expect(left().isEmpty)
  }

  @Test(
    "uneven slices, images in different orientations and files without an image are refused with the reason")
  func refused() throws {
    let uneven = DicomFixtures.message(try DicomFixtures.folder("uneven"))
    #expect(uneven.contains("has slices at uneven distances, so it is no volume"), "\(uneven)")
    let turning = DicomFixtures.message(try DicomFixtures.folder("projections"))
    #expect(turning.contains("has 5 images in different orientations, as rotating projections"), "\(turning)")
    try withTemporaryFolder { folder in
      try writeFile([UInt8](repeating: 0, count: 128) + Array("DICM".utf8), to: "\(folder)/a")
      #expect(DicomFixtures.message(folder).contains("without an image that dcm2niix converts"))
      #expect(DicomFixtures.message("\(folder)/a").contains("without an image that dcm2niix converts"))
    }
  }

  @Test(
    "a tilted gantry is corrected by dcm2niix, which a note says", arguments: ["tilted", "tilted-unsigned"])
  func tilted(name: String) throws {
    let info = try DicomFixtures.open(try DicomFixtures.folder(name)).info
    #expect(info.notes.count == 1 && info.notes[0].contains("tilted gantry"), "\(info.notes)")
    // Shifted slices reach further along y, and lie straight above each other.
    #expect(info.extent.width == 12 && info.extent.height > 10 && info.extent.depth == 5)
  }

  @Test("one of several series is chosen by its number, or by one of its files; else all are listed")
  func several() throws {
    let folder = try DicomFixtures.folder("several")
    let listed = DicomFixtures.message(folder)
    #expect(
      listed.hasSuffix(
        "holds 2 DICOM series, with the numbers 2, 3; choose one by its number, or name one of its files"),
      "\(listed)")
    #expect(try DicomFixtures.open(folder, seriesNumber: 2).info.metadata.spacing.z == 2.5)
    #expect(try DicomFixtures.open(folder, seriesNumber: 3).info.metadata.spacing.z == 5)
    #expect(try DicomFixtures.open("\(folder)/IM3001").info.metadata.spacing.z == 5)
    let wrong = DicomFixtures.message(folder, seriesNumber: 7)
    #expect(wrong.contains("holds no series with the number 7; its numbers are 2, 3"), "\(wrong)")
    let same = try DicomFixtures.folder("same-number")
    #expect(DicomFixtures.message(same).contains("holds 2 DICOM series, with the numbers 2 (2 times)"))
    #expect(DicomFixtures.message(same, seriesNumber: 2).contains("holds 2 series with the number 2"))
    #expect(try DicomFixtures.open("\(same)/IM2010").info.extent.depth == 3)
  }

  @Test(
    "no text of the patient or the study comes into what is read, nor into files that are written from it")
  func texts() throws {
    let secrets = ["Secret", "SECRET", "1961", "2001", "112233", "Doctor", "Head"]
    for name in ["even", "straight", "tilted", "one"] {
      let reader = try DicomFixtures.open(try DicomFixtures.folder(name))
      let header = try #require(reader.info.metadata.header)
      #expect(header.format == "nifti")
      let details = reader.info.details.map { "\($0.name) \($0.value)" } + reader.info.notes
      try withTemporaryFolder { folder in
        try reader.readAny().typed(writingTo: "\(folder)/a.nii")
        let written = try fileBytes("\(folder)/a.nii").prefix(352)
        for secret in secrets {
          #expect(header.bytes.firstRange(of: Array(secret.utf8)) == nil, "\(secret) in \(name)")
          #expect(
            Array(written).firstRange(of: Array(secret.utf8)) == nil,
            "\(secret) in what is written of \(name)")
          #expect(!details.contains { $0.contains(secret) }, "\(secret) in \(details)")
        }
      }
    }
  }

  @Test("without dcm2niix, the error says how to install it")
  func notInstalled() throws {
    let probe = FormatProbe(try DicomFixtures.folder("even"))
    let error = #expect(throws: VoxtileError.self) {
      try DicomFormat.open(probe, with: Dcm2niix(program: "no-such-converter"))
    }
    #expect(error?.code == .runtimeNotFound && error?.message.contains("apt install dcm2niix") == true)
  }

  @Test("many callers at once, more than there are threads, all get their image")
  func concurrent() async throws {
    let folder = try DicomFixtures.folder("even")
    let extents = try await withThrowingTaskGroup(of: Extent.self) { group in
      for _ in 0..<24 { group.addTask { try DicomFixtures.open(folder).info.extent } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(extents == [Extent](repeating: Extent(width: 12, height: 10, depth: 5), count: 24))
  }

  @Test(
    "folders without DICOM, and with it behind a few other files, are told apart; hidden files do not count")
  func folders() throws {
    try withTemporaryFolder { folder in
      try writeFile(Array("text".utf8), to: "\(folder)/a.txt")
      let bytes = try fileBytes("\(try DicomFixtures.folder("one"))/IM1000")
      try writeFile(bytes, to: "\(folder)/.hidden")
      #expect(!DicomFormat.recognizes(FormatProbe(folder)))
      #expect(DicomFixtures.message(folder).contains("is not a regular file"))
      try writeFile(bytes, to: "\(folder)/slice")
      #expect(DicomFormat.recognizes(FormatProbe(folder)))
      #expect(try DicomFixtures.open(folder).info.extent == Extent(width: 12, height: 10, depth: 1))
    }
  }

  @Test("hundreds of changed files are an error or an image, never more")
  func mutations() throws {
    let bytes = try fileBytes("\(try DicomFixtures.folder("one"))/IM1000")
    #expect(
      try DamagedFiles.refusedShare(of: bytes, named: "a.dcm", in: 128..<bytes.count - 240, rounds: 150)
        > 0.033)
  }
}

extension AnyVolume {
  /// Writes the volume in the type that it has.
  fileprivate func typed(writingTo path: String) throws { try typed.write(to: path) }
}
