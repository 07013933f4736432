import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Files of other kinds")
struct ForeignFileTests {
  private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  private func gzipped(_ bytes: [UInt8]) throws -> [UInt8] { bytes.gzipped() }

  /// What opening a file of a name with these bytes says.
  private func message(_ name: String, _ bytes: [UInt8]) throws -> String {
    try withTemporaryFolder { folder in
      try writeFile(bytes, to: "\(folder)/\(name)")
      let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/\(name)") }
      #expect(error?.code == .unsupportedFormat && error?.context.file == "\(folder)/\(name)", "\(name)")
      return error?.message ?? ""
    }
  }

  @Test("the content says what a file is, whatever its name")
  func content() throws {
    let zeros = [UInt8](repeating: 0, count: 400)
    let cases: [([UInt8], String)] = [
      (text("version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n"), "Git LFS pointer"),
      (text("/annex/objects/SHA256E-s1--aa.nii.gz\n"), "git-annex pointer"),
      (text("\n <!DOCTYPE HTML>\n<html>"), "web page (HTML)"), (text("<HTML lang=en>"), "web page (HTML)"),
      ([0x50, 0x4B, 3, 4] + zeros, "ZIP archive"),
      ([0x89] + text("HDF\r\n\u{1A}\n"), "is HDF5"),
      (text("MATLAB 5.0 MAT-file, Platform"), "Matlab file"), (text("CDF\u{1}"), "netCDF"),
      (text("BZh91AY"), "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"),
      ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard"),
      (text("{\"EchoTime\": 0.03}"), "is JSON"), (text("%PDF-1.4"), "is PDF"),
    ]
    for (bytes, words) in cases {
      for name in ["a.nii.gz", "a"] {
        let found = try message(name, bytes)
        #expect(found.contains(words) && found.contains("; "), "\(words): \(found)")
      }
    }
  }

  @Test("what is compressed is looked into: twice gzip, a DICOM file, an archive")
  func compressed() throws {
    let zeros = [UInt8](repeating: 0, count: 400)
    #expect(try message("a.nii.gz", gzipped(gzipped(zeros))).contains("gzip, twice; unpack it once"))
    #expect(
      try message("a.gz", gzipped(zeros[..<128] + text("DICM") + zeros)).contains("is DICOM, compressed"))
    #expect(try message("a.gz", gzipped(zeros[..<257] + text("ustar") + zeros)).contains("tar archive"))
  }

  @Test("where the content says nothing, the ending does, and otherwise the formats that are read are listed")
  func endings() throws {
    let noise: [UInt8] = [9, 8, 7, 6]
    for (name, words) in [
      ("a.PAR", "PAR/REC"),
      ("a.mat", "Matlab"), ("a.mnc", "MINC"), ("a.brik.gz", "AFNI"), ("a.gif", "GIF"),
    ] {
      #expect(try message(name, noise).contains(words), "\(name)")
    }
    #expect(try message("a.xyz", noise).contains("not an image in a format that is read here (.nii.gz"))
    // HDF5 and ZIP files are told apart by their endings.
    let zip: [UInt8] = [0x50, 0x4B, 3, 4]
    #expect(try message("a.zip", zip).contains("ZIP") && message("a.pth", zip).contains("PyTorch"))
    #expect(try message("a.mnc", [0x89] + text("HDF\r\n\u{1A}\n")).contains("MINC 2"))
  }

  @Test("a folder is no file")
  func folders() throws {
    try withTemporaryFolder { folder in
      func message(_ name: String, _ file: String, _ bytes: [UInt8]) throws -> String {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        try writeFile(bytes, to: "\(folder)/\(name)/\(file)")
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/\(name)") }
        return error?.message ?? ""
      }
      for (name, file, bytes, words) in [
        ("other", "a.txt", text("words"), "is not a regular file")
      ] {
        let found = try message(name, file, bytes)
        #expect(found.contains(words), "\(found)")
      }
    }
  }

  @Test("an image whose name is that of another kind is still read")
  func misnamed() throws {
    try withTemporaryFolder { folder in
      try Volume<UInt8>(extent: Extent(3)).write(to: "\(folder)/a.nii.gz")
      try FileManager.default.moveItem(atPath: "\(folder)/a.nii.gz", toPath: "\(folder)/a.mgz")
      #expect(try ImageFormats.open("\(folder)/a.mgz").info.extent == Extent(3))
    }
  }
}
