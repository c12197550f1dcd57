namespace Regatta.Config;

/// <summary>Text with references in it, parsed. One reference alone keeps the type of what it refers to; anything else makes text.</summary>
/// <param name="Parts">Literal text and references, in order.</param>
internal sealed record TextExpression(IReadOnlyList<TextPart> Parts)
{
    /// <summary>The one reference that is the whole text, or null.</summary>
    public Reference? Single => Parts.Count == 1 ? Parts[0] as Reference : null;
}

/// <summary>A piece of a text.</summary>
internal abstract record TextPart;

/// <summary>Text as it stands.</summary>
internal sealed record Literal(string Text) : TextPart;

/// <summary>A reference: to a node or to a resolver.</summary>
/// <param name="Source">Its text, for messages.</param>
internal abstract record Reference(string Source) : TextPart;

/// <summary><c>${a.b[0]}</c>: the path's separators and names; a name may itself be a reference.</summary>
internal sealed record NodeReference(string Source, IReadOnlyList<TextPart> Path) : Reference(Source);

/// <summary><c>${name:argument,...}</c>.</summary>
internal sealed record ResolverReference(string Source, IReadOnlyList<TextPart> Name, IReadOnlyList<Element> Arguments) : Reference(Source);

/// <summary>An argument of a resolver.</summary>
internal abstract record Element;

/// <summary>A value that stands for itself.</summary>
internal sealed record ConstantElement(object? Value) : Element;

/// <summary>Text with references, from several tokens or from quotes.</summary>
/// <param name="Text">The text.</param>
/// <param name="Quoted">Quoted text is always text, even when it is one reference.</param>
internal sealed record TextElement(TextExpression Text, bool Quoted) : Element;

/// <summary><c>[a,b]</c>.</summary>
internal sealed record ListElement(IReadOnlyList<Element> Items) : Element;

/// <summary><c>{a:b}</c>.</summary>
internal sealed record MapElement(IReadOnlyList<KeyValuePair<object?, Element>> Items) : Element;

/// <summary>Thrown when a text with references is not well formed.</summary>
internal sealed class InterpolationSyntaxException(string message, int position) : Exception(message)
{
    /// <summary>Where in the text, from 0.</summary>
    public int Position { get; } = position;
}
