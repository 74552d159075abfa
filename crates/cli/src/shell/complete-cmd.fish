complete -c {{cmd}} -f -a '(__assumerole_complete --in-place)'
