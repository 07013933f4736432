extension FormatRegistry {
  /// The formats that are built in.
  ///
  /// A new one is added here, and in `FormatContractTests`.
  public static let standard = FormatRegistry(distinct: [
    NiftiFormat.self,
    MetaImageFormat.self,
    NRRDFormat.self,
    PNGFormat.self,
    NpyFormat.self,
    MghFormat.self,
    JPEGFormat.self,
    TIFFFormat.self,
    ZarrFormat.self,
    DicomFormat.self,
  ])
}
