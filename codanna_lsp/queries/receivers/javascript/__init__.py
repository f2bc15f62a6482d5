"""What JavaScript and TypeScript say of types that no other language says so."""
