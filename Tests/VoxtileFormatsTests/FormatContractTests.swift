import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("Format contract")
struct FormatContractTests {
  /// One line for each format.
  static let contracts = [
    FormatContract(NiftiFormat.self),
    FormatContract(MetaImageFormat.self),
    FormatContract(NRRDFormat.self),
    FormatContract(PNGFormat.self),
    FormatContract(NpyFormat.self),
    FormatContract(MghFormat.self, reading: ["mgh/int16.mgh", "mgh/series.mgz"]),
    FormatContract(JPEGFormat.self, reading: ["jpeg/gray.jpg", "jpeg/progressive.jpg"]),
    FormatContract(TIFFFormat.self),
    FormatContract(ZarrFormat.self),
    FormatContract(DicomFormat.self, reading: ["dicom/smallest/image.dcm"]),
  ]

  @Test("every registered format has its line")
  func all() {
    #expect(Self.contracts.map { $0.format.name } == FormatRegistry.standard.formats.map { $0.name })
  }

  @Test("a format keeps each law", arguments: contracts, FormatContract.Law.allCases)
  func law(contract: FormatContract, law: FormatContract.Law) throws {
    // What else has to be installed for two of them.
    if contract.format.name == DicomFormat.name && !DicomFixtures.hasConverter {
      try Test.cancel("needs dcm2niix")
    }
    if contract.format.name == JPEGFormat.name && !JPEGFixtures.hasLibrary {
      try Test.cancel("needs libjpeg-turbo")
    }
    do {
      try contract.check(law)
    } catch let error as VoxtileError where error.code == .runtimeNotFound {
      try Test.cancel("\(error.message)")
    }
  }
}
